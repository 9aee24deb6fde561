// How many there are now, and how many came and went. Nobody counts without a mistake: fewer than none are not inside.
const { density, counting, channelName } = msg.payload;
const people = density?.people ?? density?.frames;
const one = (payload) => (payload === undefined ? null : { topic: channelName ?? "people", payload });
const { enter, exit } = counting ?? {};
const inside = enter === undefined || exit === undefined ? undefined : Math.max(0, enter - exit);
return [one(people), one(enter), one(exit), one(inside)];
