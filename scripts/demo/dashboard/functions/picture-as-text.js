// The one place where a picture becomes text that a browser can show. Without a picture there is the reason.
const { payload: data, error } = msg;
msg.picture = Buffer.isBuffer(data) ? `data:image/jpeg;base64,${data.toString("base64")}` : null;
msg.reason = error?.message;
for (const name of ["payload", "error", "snapshot", "contentType", "filename", "stream"]) delete msg[name];
return msg;
