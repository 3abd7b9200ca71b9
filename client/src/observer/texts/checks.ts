/** The 25 checks as people read them: title, rule and where the code is; the lettered parts in Korean. */
import type { CheckNumber, CheckPart } from "@hanpyo/bulletin-board";
import type { Bilingual } from "../../ui/language.svelte.ts";

export type CheckGroup = "record" | "setup" | "order" | "ballots" | "passes" | "tally" | "outside";

export const groupOf = (check: CheckNumber): CheckGroup => {
  if (check <= 3) return "record";
  if (check <= 7) return "setup";
  if (check <= 10) return "order";
  if (check <= 17) return "ballots";
  if (check === 18) return "passes";
  return check <= 23 ? "tally" : "outside";
};

export interface CheckText {
  readonly ko: string;
  readonly rule: Bilingual;
  /** Under `bulletin-board/src` or `crypto/src`. */
  readonly code: string;
}

export const checkTexts: Record<CheckNumber, CheckText> = {
  1: {
    ko: "기록의 형식",
    code: "bulletin-board/src/log/entry.ts",
    rule: {
      ko: "모든 기록은 정해진 한 가지 표기만 쓰고, 번호가 빠짐없이 이어진다.",
      en: "Every entry has the one canonical form, and the numbers follow each other without a gap.",
    },
  },
  2: {
    ko: "사슬과 나무",
    code: "bulletin-board/src/log/merkle.ts",
    rule: {
      ko: "prev(i) = SHA-256(0x00 ‖ 기록(i−1)); 모든 기록의 머클 뿌리 = 봉인값.",
      en: "prev(i) = SHA-256(0x00 ‖ entry(i−1)); the Merkle root of all entries equals the seal.",
    },
  },
  3: {
    ko: "봉인",
    code: "bulletin-board/src/log/policy.ts",
    rule: {
      ko: "기록판의 서명과 정해진 수의 증인 서명이 있다.",
      en: "Signed by the board and by the witnesses' quorum.",
    },
  },
  4: {
    ko: "투표 정의",
    code: "bulletin-board/src/record/rules/definition.ts",
    rule: {
      ko: "서로 다른 담당자 둘이 서명했고, 정족수의 부등식이 맞는다: 2q > n + f, 2k > m + f.",
      en: "Signed by two officials; the quorums satisfy 2q > n + f and 2k > m + f.",
    },
  },
  5: {
    ko: "확인 기관",
    code: "bulletin-board/src/record/rules/registrars.ts",
    rule: {
      ko: "확인 기관마다 구역별 서명 열쇠가 있고 스스로 서명했다.",
      en: "Each registrar has a signed key for every class.",
    },
  },
  6: {
    ko: "열쇠 만들기",
    code: "bulletin-board/src/record/rules/ceremony.ts",
    rule: {
      ko: "K = Π A_{j,0}; X_i = Π_j Π_m A_{j,m}^(i^m). 담당자 누구도 혼자 열 수 없다.",
      en: "K = Π A_{j,0}; X_i = Π_j Π_m A_{j,m}^(i^m). No key holder can open anything alone.",
    },
  },
  7: {
    ko: "백업 확인",
    code: "bulletin-board/src/record/rules/drill.ts",
    rule: {
      ko: "모든 개표 열쇠 담당자가 백업을 되살려 조각을 증명했다.",
      en: "Every key holder restored its backup and proved its share.",
    },
  },
  8: {
    ko: "순서",
    code: "bulletin-board/src/record/rulebook.ts",
    rule: {
      ko: "시작, 마감, 집계, 합계, 결과는 한 번씩, 정해진 순서로만.",
      en: "One opening, close, count, tally and result, in their order.",
    },
  },
  9: {
    ko: "시각",
    code: "bulletin-board/src/record/rules/anchors.ts",
    rule: {
      ko: "시각은 증인 서명에서만 나오고 뒤로 가지 않는다. 모든 봉투는 투표 시간 안에 있다.",
      en: "Time comes from the witnesses' signatures only and never goes back; every envelope lies inside the voting time.",
    },
  },
  10: {
    ko: "담당자의 결정",
    code: "bulletin-board/src/record/rules/acts.ts",
    rule: { ko: "한 사람이 제안하고 다른 사람이 확정한다.", en: "Proposed by one official, confirmed by another." },
  },
  11: {
    ko: "봉투의 형식",
    code: "crypto/src/ballot/form.ts",
    rule: {
      ko: "구역과 안건이 맞고, 모든 값이 ristretto255의 올바른 점과 수다.",
      en: "Class and contests fit; all values are proper points and scalars of ristretto255.",
    },
  },
  12: {
    ko: "투표권 서명",
    code: "crypto/src/pass/blind-rsa.ts",
    rule: {
      ko: "서로 다른 확인 기관 q곳의 RFC 9474 은닉 서명이 있다.",
      en: "Blind signatures (RFC 9474) of q different registrars.",
    },
  },
  13: {
    ko: "봉투의 서명",
    code: "crypto/src/ballot/cast-signature.ts",
    rule: { ko: "g^s = A·P^e: 가명 P의 주인이 봉투를 넣었다.", en: "g^s = A·P^e: the owner of pseudonym P cast it." },
  },
  14: {
    ko: "선택값",
    code: "crypto/src/proof/disjunction.ts",
    rule: {
      ko: "g^{s_v} = a_v·R^{c_v}, K^{s_v} = b_v·(S/g^v)^{c_v}, Σc_v = c: 항목마다 허용된 값이다.",
      en: "g^{s_v} = a_v·R^{c_v}, K^{s_v} = b_v·(S/g^v)^{c_v}, Σc_v = c: every value is an allowed one.",
    },
  },
  15: {
    ko: "선택의 수",
    code: "crypto/src/proof/disjunction.ts",
    rule: {
      ko: "안건마다 합이 min..max 안에 있다(기권은 max로 센다).",
      en: "Per question the sum lies in min..max (a blank counts max).",
    },
  },
  16: {
    ko: "독립성",
    code: "bulletin-board/src/verify/fingerprint-table.ts",
    rule: {
      ko: "같은 난수가 두 번 쓰이지 않았고, 남의 봉투를 베끼지 않았다.",
      en: "No randomness is repeated, no envelope copies another.",
    },
  },
  17: {
    ko: "다시 투표의 사슬",
    code: "bulletin-board/src/record/rules/ballots.ts",
    rule: {
      ko: "다시 넣은 봉투는 바로 앞의 자기 봉투를 가리킨다.",
      en: "A new envelope names the same pseudonym's latest one.",
    },
  },
  18: {
    ko: "투표권 장부",
    code: "bulletin-board/src/verify/pass-stream.ts",
    rule: {
      ko: "한 사람은 한 번만; 어느 시점에도 첫 봉투 ≤ 투표권 ≤ 인증된 사람 수.",
      en: "One person once; at every time first envelopes ≤ passes ≤ certified persons.",
    },
  },
  19: {
    ko: "집계 대상",
    code: "bulletin-board/src/record/rules/count.ts",
    rule: { ko: "가명마다 마지막 봉투만 센다.", en: "Of every pseudonym the last envelope counts." },
  },
  20: {
    ko: "암호 합계",
    code: "bulletin-board/src/record/rules/tally.ts",
    rule: {
      ko: "합계 = 집계 대상 봉투의 곱, 작은 묶음은 합친다.",
      en: "The encrypted sum is the product of the counted envelopes; small groups are joined.",
    },
  },
  21: {
    ko: "개표 열쇠 조각",
    code: "bulletin-board/src/record/rules/shares.ts",
    rule: { ko: "D_j = R_j^{x_i}임을 담당자마다 증명했다.", en: "Each key holder proved D_j = R_j^{x_i}." },
  },
  22: {
    ko: "개표",
    code: "bulletin-board/src/record/rules/result.ts",
    rule: { ko: "M_j = S_j / Π D_{i,j}^{λ_i} = g^{v_j}.", en: "M_j = S_j / Π D_{i,j}^{λ_i} = g^{v_j}." },
  },
  23: {
    ko: "결과",
    code: "bulletin-board/src/record/rules/result.ts",
    rule: { ko: "총합 = Σ 가중치·v.", en: "Totals = Σ weight·v." },
  },
  24: {
    ko: "화면 파일",
    code: "bulletin-board/src/verify/client-files.ts",
    rule: {
      ko: "이 서버가 이 기기에 준 화면 파일이 기록된 목록과 같다.",
      en: "The page files this server gave this device equal the recorded list.",
    },
  },
  25: {
    ko: "증명서",
    code: "bulletin-board/src/verify/papers.ts",
    rule: {
      ko: "영수증, 접수 증명, 거절 증명의 약속이 지켜졌다.",
      en: "The promises of receipts, acknowledgements and refusals were kept.",
    },
  },
};

export const partTexts: Record<CheckPart, string> = {
  "1a": "정해진 표기",
  "1b": "아는 종류",
  "1c": "이어지는 번호",
  "1d": "크기",
  "1e": "문서가 있고 같음",
  "2a": "앞 기록을 가리킴",
  "2b": "뿌리가 봉인값과 같음",
  "2c": "이전 봉인과 이어짐",
  "3a": "출처",
  "3b": "기록판의 서명",
  "3c": "증인 정족수",
  "3d": "증인 변경",
  "4a": "형식",
  "4b": "담당자 두 사람의 서명",
  "4c": "정족수 부등식",
  "4d": "서로 다른 열쇠",
  "4e": "가장 큰 봉투도 들어감",
  "4f": "구역 나무와 가중치",
  "4g": "연습 표시",
  "5a": "구역마다 올바른 열쇠",
  "5b": "기관의 서명",
  "5c": "중복 방지 열쇠 만들기 완료",
  "5d": "정책과 명부 요약",
  "6a": "계수",
  "6b": "소유 증명",
  "6c": "통로 열쇠",
  "6d": "이의 판정",
  "6e": "다시 시작",
  "6f": "공동 열쇠와 조각 열쇠",
  "6g": "확인",
  "7a": "모든 담당자",
  "7b": "증명",
  "8a": "한 번씩만",
  "8b": "누가 언제 무엇을",
  "8c": "정지와 한도",
  "9a": "뒤로 가지 않는 시각, 증인 정족수",
  "9b": "봉투가 시간 안에 있음",
  "9c": "결정에 적힌 시각",
  "9d": "연장 규칙",
  "10a": "결정의 지문",
  "10b": "제안과 확정은 다른 사람",
  "10c": "패스키 항목",
  "10d": "기다림과 철회",
  "11a": "구역과 안건",
  "11b": "길이",
  "11c": "점",
  "11d": "수",
  "12a": "서로 다른 정족수, 오름차순",
  "12b": "구역과 가명에 맞음",
  "12c": "가명은 구역을 바꾸지 않음",
  "12d": "횟수 한도",
  "13a": "가명의 서명",
  "14a": "모든 항목의 증명",
  "15a": "안건마다 합",
  "15b": "기권",
  "16a": "봉투 안에 같은 난수 없음",
  "16b": "베낀 봉투 없음",
  "17a": "앞 봉투를 가리킴",
  "17b": "같은 봉투는 한 번",
  "18a": "형식, 사슬, 나무, 증인",
  "18b": "기관의 확인",
  "18c": "한 사람 한 번",
  "18d": "언제나 봉투 ≤ 투표권",
  "18e": "마감 때 멈춤",
  "18f": "투표권 ≤ 인증된 수",
  "18g": "감사",
  "19a": "수",
  "19b": "목록",
  "20a": "묶음 나누기",
  "20b": "곱",
  "21a": "서명",
  "21b": "증명",
  "21c": "정해진 수 이상",
  "22a": "조각을 합친 값",
  "22b": "값과 표 수가 같음",
  "22c": "표 수의 한도",
  "23a": "총합",
  "24a": "파일이 목록과 같음",
  "25a": "영수증",
  "25b": "접수 증명",
  "25c": "거절 증명",
};
