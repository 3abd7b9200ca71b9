/** Words of both pages. Korean is the source; English must have every text it has. */
const ko = {
  name: "한표",
  home: "한표 처음 화면",
  skip: "본문으로 건너뛰기",
  language: "언어 Language",
  rehearsal: "연습 투표입니다.",
  rehearsalMeaning: "여기서 한 투표는 어떤 결정에도 쓰이지 않습니다.",
};

export type Widen<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Widen<T[K]> };

const en: Widen<typeof ko> = {
  name: "Hanpyo",
  home: "Hanpyo, first page",
  skip: "Skip to the content",
  language: "언어 Language",
  rehearsal: "This is a rehearsal.",
  rehearsalMeaning: "A vote cast here decides nothing.",
};

export const common = { ko, en };
