// What became of it, in words.
if (msg.error) return { topic: "deter", error: { message: msg.error.message } };
const { done, note } = msg.payload;
const words = { light: "The light was on, and is as before.", siren: "The siren is over.", stop: "All is silent." };
return { topic: "deter", payload: [words[done], note].filter(Boolean).join(" ") };
