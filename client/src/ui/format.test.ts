import { expect, test } from "vitest";
import { formatDuration, formatPercent, formatTime } from "./format.ts";

test("a length of time is told in its two largest units", () => {
  expect(formatDuration(6 * 86_400 + 3 * 3600 + 59, "ko")).toBe("6일 3시간");
  expect(formatDuration(250, "en")).toBe("4 minutes 10 seconds");
  expect(formatDuration(3600, "en")).toBe("1 hour");
  expect(formatDuration(-5, "ko")).toBe("0초");
});

test("a time is told in Korea, with its zone", () => {
  const noon = Date.UTC(2026, 10, 29, 3, 0) / 1000;
  expect(formatTime(noon, "ko")).toBe("2026년 11월 29일(일) 오후 12:00 (한국 시각)");
  expect(formatTime(noon, "en")).toContain("12:00 KST");
});

test("a share is told in percent", () => expect(formatPercent(0.1234, "en")).toBe("12.3%"));
