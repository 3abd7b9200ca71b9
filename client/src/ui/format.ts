import type { Language } from "./language.svelte.ts";

const locale = (language: Language): string => (language === "ko" ? "ko-KR" : "en-GB");

export const formatNumber = (value: number, language: Language): string => value.toLocaleString(locale(language));

export const formatPercent = (value: number, language: Language): string =>
  value.toLocaleString(locale(language), { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

const DAYS = "일월화수목금토";
/** Korea has had no summer time since 1988. */
const KOREA = 9 * 3600;

/** A time in Korea with its zone; `seconds` since 1970. */
export function formatTime(seconds: number, language: Language): string {
  if (language === "ko") {
    const it = new Date((seconds + KOREA) * 1000);
    const hour = it.getUTCHours();
    const clock = `${hour < 12 ? "오전" : "오후"} ${hour % 12 || 12}:${String(it.getUTCMinutes()).padStart(2, "0")}`;
    const day = `${it.getUTCFullYear()}년 ${it.getUTCMonth() + 1}월 ${it.getUTCDate()}일(${DAYS[it.getUTCDay()]})`;
    return `${day} ${clock} (한국 시각)`;
  }
  const text = new Date(seconds * 1000).toLocaleString(locale(language), {
    timeZone: "Asia/Seoul",
    year: "numeric",
    month: "short",
    day: "numeric",
    weekday: "short",
    hour: "numeric",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return `${text} KST`;
}

/** Hours, minutes and seconds of the day in Korea. */
export const formatClock = (seconds: number, language: Language): string =>
  new Date(seconds * 1000).toLocaleTimeString(locale(language), {
    timeZone: "Asia/Seoul",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });

const UNITS = [
  { seconds: 86_400, ko: "일", en: ["day", "days"] },
  { seconds: 3600, ko: "시간", en: ["hour", "hours"] },
  { seconds: 60, ko: "분", en: ["minute", "minutes"] },
  { seconds: 1, ko: "초", en: ["second", "seconds"] },
] as const;

/** The two largest units of a length of time, never negative: "6일 3시간", "4 minutes 10 seconds". */
export function formatDuration(seconds: number, language: Language): string {
  let rest = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex((unit) => rest >= unit.seconds);
  if (first < 0) return language === "ko" ? "0초" : "0 seconds";
  const parts: string[] = [];
  for (const unit of UNITS.slice(first, first + 2)) {
    const amount = Math.floor(rest / unit.seconds);
    rest -= amount * unit.seconds;
    if (amount > 0)
      parts.push(language === "ko" ? `${amount}${unit.ko}` : `${amount} ${unit.en[amount === 1 ? 0 : 1]}`);
  }
  return parts.join(" ");
}
