// How many there are now, and how many came and went.
const { density, counting, channelName } = msg.payload;
const people = density?.people ?? density?.frames;
const one = (payload) => (payload === undefined ? null : { topic: channelName ?? "people", payload });
const { enter, exit } = counting ?? {};
return [one(people), one(enter), one(exit), enter === undefined || exit === undefined ? null : one(enter - exit)];
