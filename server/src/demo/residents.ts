/** Two hundred invented residents: the office's list from which the demonstration's roll is made. */
import type { Table } from "../eligibility/csv.ts";
import { adultBirth, areaCount } from "./vote.ts";

const families = ["김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권", "황"];
const given = ["가람", "나래", "다온", "라온", "마루", "보람", "새롬", "아라", "예슬", "자람", "찬솔", "하늘", "해솔"];
const columns = ["id", "class", "name", "birth", "registered"];

export const residentCount = 200;

/** The list. Some are too young and some have moved away: their codes are refused, as they would be. */
export function residentList(count = residentCount): Table {
  const rows = Array.from({ length: count }, (_, i) => {
    const young = i % 41 === 40;
    const year = young ? 2010 : 1935 + ((i * 37) % 70);
    const birth = year * 10_000 + (1 + ((i * 5) % 12)) * 100 + 1 + ((i * 11) % 28);
    const name = `${families[i % families.length]}${given[(i * 7) % given.length]}`;
    const registered = i % 67 !== 66;
    return [`M-${String(i + 1).padStart(4, "0")}`, String(i % areaCount), name, String(birth), String(registered)];
  });
  return { columns, rows };
}

/** Whether the demonstration's policy admits a row. */
export const isEligible = (row: readonly string[]): boolean =>
  row[columns.indexOf("registered")] === "true" && Number(row[columns.indexOf("birth")]) <= adultBirth;

/** Eligible residents per area. */
export function eligiblePerArea({ rows }: Table): number[] {
  const counts = new Array<number>(areaCount).fill(0);
  for (const row of rows) if (isEligible(row)) counts[Number(row[1])]! += 1;
  return counts;
}
