/** What the demonstration votes on: fictitious throughout, shaped like a district's vote of residents on its budget. */
import { type DefinitionBody, encodePolicyDocument } from "@hanpyo/bulletin-board";
import { approval, chooseOne } from "@hanpyo/crypto";

type Content = Pick<DefinitionBody, "title" | "text" | "contests" | "groups" | "classes">;

const areas = [
  { ko: "서교·합정권역", en: "Seogyo–Hapjeong area" },
  { ko: "공덕·아현권역", en: "Gongdeok–Ahyeon area" },
  { ko: "상암·성산권역", en: "Sangam–Seongsan area" },
];
export const areaCount = areas.length;

/** Contests, tree of areas and classes; `certified` = eligible residents per area. */
export function demonstrationContent(certified: readonly number[]): Content {
  const budget = chooseOne(5, true);
  const facilities = approval(6, 1, 3, true);
  return {
    title: { ko: "마포구 주민참여예산 주민투표 (시연)", en: "Mapo District residents’ budget vote (demonstration)" },
    text: {
      ko: "마포구가 2027년에 쓸 주민참여예산 30억 원의 사업과, 먼저 고칠 공공시설을 주민이 정합니다. 이 투표는 시연이며 등장하는 사람과 금액은 모두 지어낸 것입니다.",
      en: "Residents decide which project the district’s participatory budget of 3 billion won pays for in 2027, and which public facilities are renewed first. This is a demonstration; all people and sums are invented.",
    },
    contests: [
      {
        title: { ko: "2027년 주민참여예산 사업", en: "Project of the 2027 participatory budget" },
        text: {
          ko: "다섯 사업 가운데 하나를 고르거나 기권할 수 있습니다. 가장 많은 표를 얻은 사업을 시행합니다.",
          en: "Choose one of the five projects, or leave it blank. The project with the most votes is carried out.",
        },
        options: [
          { ko: "경의선 숲길 야간 조명과 쉼터", en: "Lights and shelters along the Gyeongui Line Forest Park" },
          { ko: "어린이 통학로 안전 보행로", en: "Safe walkways on the ways to school" },
          { ko: "동네 공공도서관 연장 운영", en: "Longer opening hours of the neighbourhood libraries" },
          { ko: "어르신 동네 돌봄 버스", en: "A care bus for older residents" },
          { ko: "빗물 정원과 가로수 심기", en: "Rain gardens and street trees" },
        ],
        rule: budget,
      },
      {
        title: { ko: "먼저 고칠 공공시설", en: "Public facilities to renew first" },
        text: {
          ko: "먼저 고쳤으면 하는 시설을 하나에서 셋까지 고르거나 기권할 수 있습니다.",
          en: "Choose one to three facilities that should be renewed first, or leave it blank.",
        },
        options: [
          { ko: "구민체육센터 수영장", en: "Swimming pool of the district sports centre" },
          { ko: "동네 놀이터 열두 곳", en: "Twelve neighbourhood playgrounds" },
          { ko: "청소년 문화의 집", en: "Youth culture centre" },
          { ko: "전통시장 공중화장실", en: "Public toilets of the traditional market" },
          { ko: "망원 나들목 자전거길", en: "Cycle path at the Mangwon river gate" },
          { ko: "보건소 진료 대기실", en: "Waiting room of the public health centre" },
        ],
        rule: facilities,
      },
    ],
    groups: [
      { title: { ko: "마포구", en: "Mapo District" }, parent: null },
      ...areas.map((title) => ({ title, parent: 0 })),
    ],
    classes: areas.map((_, area) => ({
      group: area + 1,
      weight: 1,
      contests: [0, 1],
      certified: certified[area] ?? 0,
    })),
  };
}

/** Born on or before this day, a resident is eighteen when the roll is drawn up. */
export const adultBirth = 20081130;
/** 2026-11-30, the day at which the roll is drawn up. */
const snapshotAt = 1_795_996_800;

/** Adults who are registered as residents vote in the area they live in. */
export const demonstrationPolicy = (): Uint8Array =>
  encodePolicyDocument({
    v: 1,
    snapshotAt,
    source: "signed-roll",
    columns: [
      { name: "class", type: "int" },
      { name: "birth", type: "int" },
      { name: "registered", type: "bool" },
    ],
    eligible: `registered && birth <= ${adultBirth}`,
    class: "class",
    weight: null,
    tests: [
      { name: "an adult resident", row: ["1", "19800101", "true"], eligible: true, class: 1 },
      { name: "eighteen on the day", row: ["0", String(adultBirth), "true"], eligible: true, class: 0 },
      { name: "a day too young", row: ["0", String(adultBirth + 1), "true"], eligible: false, class: null },
      { name: "moved away", row: ["2", "19800101", "false"], eligible: false, class: null },
    ],
  });
