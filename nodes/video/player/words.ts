/** What the player says by itself, in the language of the page or of the browser. What the device refuses comes in words already. */

const TEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  en: {
    connecting: "Connecting …",
    offline: "Device offline. Trying again …",
    timeout: "The device sends no video. Trying again …",
    protocol: "The video was interrupted. Trying again …",
    codec: "Pictures only: this browser does not play the video's codec.",
    browser: "Pictures only: this browser plays no such video.",
    forbidden: "This address of the video is not valid any more.",
    other: "The video cannot be shown.",
  },
  de: {
    connecting: "Verbinde …",
    offline: "Gerät offline. Neuer Versuch …",
    timeout: "Das Gerät sendet kein Video. Neuer Versuch …",
    protocol: "Das Video wurde unterbrochen. Neuer Versuch …",
    codec: "Nur Einzelbilder: Dieser Browser spielt den Codec des Videos nicht ab.",
    browser: "Nur Einzelbilder: Dieser Browser spielt solche Videos nicht ab.",
    forbidden: "Diese Adresse des Videos gilt nicht mehr.",
    other: "Das Video kann nicht gezeigt werden.",
  },
  zh: {
    connecting: "正在连接…",
    offline: "设备离线，正在重试…",
    timeout: "设备没有发送视频，正在重试…",
    protocol: "视频中断，正在重试…",
    codec: "仅显示图片：此浏览器不支持该视频的编码。",
    browser: "仅显示图片：此浏览器无法播放此类视频。",
    forbidden: "此视频地址已失效。",
    other: "无法显示视频。",
  },
};

export function words(code: string): string {
  if (code === "") return "";
  const language = (document.documentElement.lang || navigator.language).slice(0, 2).toLowerCase();
  const texts = TEXTS[language] ?? TEXTS["en"] ?? {};
  return texts[code] ?? texts["other"] ?? "";
}
