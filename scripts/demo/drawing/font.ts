/** A 5 x 7 bitmap font of our own: each glyph is seven rows, each row a base-32 digit whose bits are the pixels. */
const GLYPHS: Readonly<Record<string, string>> = {
  A: "ehhvhhh",
  B: "uhhuhhu",
  C: "ehggghe",
  D: "uhhhhhu",
  E: "vgguggv",
  F: "vgguggg",
  G: "ehgnhhf",
  H: "hhhvhhh",
  I: "e44444e",
  J: "72222ic",
  K: "hikokih",
  L: "ggggggv",
  M: "hrllhhh",
  N: "hhpljhh",
  O: "ehhhhhe",
  P: "uhhuggg",
  Q: "ehhhlid",
  R: "uhhukih",
  S: "fgge11u",
  T: "v444444",
  U: "hhhhhhe",
  V: "hhhhha4",
  W: "hhhllla",
  X: "hha4ahh",
  Y: "hha4444",
  Z: "v1248gv",
  "0": "ehjlphe",
  "1": "4c4444e",
  "2": "eh1248v",
  "3": "v2421he",
  "4": "26aiv22",
  "5": "vgu11he",
  "6": "68guhhe",
  "7": "v124888",
  "8": "ehhehhe",
  "9": "ehhf12c",
  "-": "000e000",
  ":": "0cc0cc0",
  ".": "00000cc",
  "/": "01248g0",
  "+": "044v440",
  "?": "eh12404",
};

/** Calls `dot` for every set pixel of the text, in units of font pixels; small letters are drawn as capitals. */
export function eachDot(text: string, dot: (x: number, y: number) => void): void {
  for (let index = 0; index < text.length; index++) {
    const letter = text.charAt(index).toUpperCase();
    const rows = letter === " " ? "" : (GLYPHS[letter] ?? GLYPHS["?"] ?? "");
    for (let y = 0; y < rows.length; y++) {
      const bits = Number.parseInt(rows.charAt(y), 32);
      for (let x = 0; x < 5; x++) if (bits & (16 >> x)) dot(index * 6 + x, y);
    }
  }
}

/** Width of the text in font pixels. */
export function textWidth(text: string): number {
  return Math.max(0, text.length * 6 - 1);
}
