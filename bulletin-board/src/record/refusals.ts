/** The closed set of refusals, each with a sentence in both languages: what happened, whether the vote counts, what to do. */
import type { RefusalCode } from "./refusal-codes.ts";

export type { RefusalCode } from "./refusal-codes.ts";

type Sentences = { readonly ko: string; readonly en: string };

const notCounted = { ko: "이 표는 투표함에 들어가지 않았습니다.", en: "This vote is not in the ballot box." };
const unchanged = { ko: "기록은 바뀌지 않았습니다.", en: "Nothing was changed." };
const voter = (ko: string, en: string, doKo: string, doEn: string): Sentences => ({
  ko: `${ko} ${notCounted.ko} ${doKo}`,
  en: `${en} ${notCounted.en} ${doEn}`,
});
const operator = (ko: string, en: string): Sentences => ({ ko: `${ko} ${unchanged.ko}`, en: `${en} ${unchanged.en}` });
const reload = ["이 화면을 새로 열고 다시 투표해 주세요.", "Open this page anew and vote again."] as const;

export const refusals = {
  // Ballots
  malformed: voter("표의 형식이 올바르지 않습니다.", "The ballot is not well-formed.", ...reload),
  "too-large": voter("표가 너무 큽니다.", "The ballot is too large.", ...reload),
  "wrong-election": voter(
    "다른 투표에 쓰인 표입니다.",
    "The ballot is for another election.",
    "맞는 투표 화면을 열어 주세요.",
    "Open the page of the right election.",
  ),
  "wrong-class": voter("이 투표 구역의 표가 아닙니다.", "The ballot does not fit its constituency.", ...reload),
  "bad-point": voter("표의 암호값이 올바르지 않습니다.", "An encrypted value of the ballot is not valid.", ...reload),
  "bad-scalar": voter("표의 증명값이 올바르지 않습니다.", "A proof value of the ballot is not valid.", ...reload),
  "pass-missing": voter(
    "투표권 확인 서명이 모자랍니다.",
    "The ballot carries too few voting passes.",
    "투표권을 다시 받아 주세요.",
    "Get your voting pass again.",
  ),
  "pass-invalid": voter(
    "투표권 확인 서명이 올바르지 않습니다.",
    "A voting pass of the ballot is not valid.",
    "투표권을 다시 받아 주세요.",
    "Get your voting pass again.",
  ),
  "class-changed": voter(
    "처음 투표한 구역과 다릅니다.",
    "The ballot changes its constituency.",
    "처음 투표한 구역으로 투표해 주세요.",
    "Vote in the constituency you voted in first.",
  ),
  "too-many-ballots": voter(
    "다시 투표할 수 있는 횟수를 모두 썼습니다.",
    "This voter has used up the permitted re-votes.",
    "마지막으로 기록된 표가 집계됩니다.",
    "The last recorded vote counts.",
  ),
  "signature-invalid": voter("표의 서명이 올바르지 않습니다.", "The ballot's signature is not valid.", ...reload),
  "selection-invalid": voter("선택값의 증명이 올바르지 않습니다.", "The proof of a choice is not valid.", ...reload),
  "limits-invalid": voter(
    "선택 개수의 증명이 올바르지 않습니다.",
    "The proof of the number of choices is not valid.",
    ...reload,
  ),
  "blank-invalid": voter(
    "기권 선택의 증명이 올바르지 않습니다.",
    "The proof of the blank choice is not valid.",
    ...reload,
  ),
  "randomness-repeated": voter(
    "표 안에 같은 암호값이 되풀이됩니다.",
    "The ballot repeats an encrypted value.",
    ...reload,
  ),
  copied: voter("다른 표를 베낀 표입니다.", "The ballot copies another one.", ...reload),
  "stale-previous": voter(
    "그사이 다른 표가 기록되었습니다.",
    "Another vote of yours was recorded in between.",
    "기록을 확인한 뒤 다시 투표해 주세요.",
    "Look at the record, then vote again.",
  ),
  "ballot-repeated": operator(
    "이미 기록된 표입니다. 처음 기록이 그대로 유효합니다.",
    "This ballot is already recorded; its first entry stands.",
  ),
  "not-open": voter(
    "투표가 아직 시작되지 않았습니다.",
    "Voting has not begun.",
    "시작한 뒤에 다시 보내 주세요.",
    "Send it again after the opening.",
  ),
  paused: voter(
    "투표가 잠시 멈춰 있습니다.",
    "Voting is paused.",
    "다시 시작되면 이 화면이 자동으로 다시 보냅니다.",
    "This page sends it again when voting resumes.",
  ),
  late: voter(
    "투표 시간이 끝났습니다.",
    "Voting has ended.",
    "더 할 수 있는 일은 없습니다. 먼저 기록된 표가 있으면 그 표가 집계됩니다.",
    "Nothing more can be done; a vote recorded before counts.",
  ),
  aborted: voter("이 투표는 중단되었습니다.", "This election was aborted.", "공고를 확인해 주세요.", "See the notice."),
  "no-passes-left": voter(
    "발급된 투표권보다 표가 많습니다.",
    "There would be more ballots than passes.",
    "잠시 뒤 다시 보내 주세요.",
    "Send it again shortly.",
  ),
  // Passes
  "unknown-voter": voter(
    "명부에서 찾을 수 없는 참여 코드입니다.",
    "The activation code is not on the roll.",
    "코드를 다시 확인하고, 맞다면 선거관리 담당자에게 문의해 주세요.",
    "Check the code; if it is right, ask the election office.",
  ),
  "not-eligible": voter(
    "이 투표의 투표권 조건에 맞지 않습니다.",
    "You are not eligible in this election.",
    "명부에 대한 이의는 선거관리 담당자에게 알려 주세요.",
    "Tell the election office if you think the roll is wrong.",
  ),
  "too-many-attempts": voter(
    "잘못된 참여 코드를 너무 많이 입력했습니다.",
    "Too many wrong activation codes.",
    "잠시 뒤 다시 시도해 주세요.",
    "Try again in a while.",
  ),
  "pass-used": voter(
    "이 참여 코드로 이미 투표권을 받았습니다.",
    "A pass was already issued for this activation code.",
    "처음 투표한 기기에서 다시 투표할 수 있습니다. 직접 받지 않았다면 선거관리 담당자에게 알려 주세요.",
    "You can vote again on the device you used first. If that was not you, tell the election office.",
  ),
  "nonce-expired": voter(
    "본인 확인 시간이 지났습니다.",
    "The proof of identity took too long.",
    "다시 시도해 주세요.",
    "Try again.",
  ),
  "presentation-invalid": voter(
    "본인 확인 서명이 올바르지 않습니다.",
    "The proof of identity is not valid.",
    "참여 코드를 다시 입력해 주세요.",
    "Enter the activation code again.",
  ),
  "share-invalid": operator("확인 기관의 응답이 올바르지 않습니다.", "A registrar's answer is not valid."),
  "endorsement-invalid": operator("투표권 확인 서명이 올바르지 않습니다.", "An endorsement is not valid."),
  "endorsements-missing": operator("투표권 확인 기관의 수가 모자랍니다.", "There are too few endorsements."),
  "nullifier-repeated": operator(
    "이 사람의 투표권은 이미 발급되었습니다.",
    "A pass was already issued for this person.",
  ),
  "over-certified": operator("인증된 인원보다 투표권이 많습니다.", "There are more passes than certified."),
  "not-logged": operator("투표권 발급이 아직 기록되지 않았습니다.", "The pass is not logged yet."),
  "witnesses-missing": operator(
    "증인이 모자라 지금은 투표권을 발급하지 않습니다.",
    "Too few witnesses answer; no pass is issued now.",
  ),
  "passes-frozen": operator("투표가 끝나 투표권을 발급하지 않습니다.", "Voting has ended; no passes are issued."),
  // Everything else on the record
  "form-invalid": operator("기록의 형식이 올바르지 않습니다.", "The entry is not well-formed."),
  "unknown-type": operator("알 수 없는 종류의 기록입니다.", "The entry's type is unknown."),
  "wrong-position": operator("기록의 순서가 맞지 않습니다.", "The entry does not fit its position."),
  "document-missing": operator(
    "기록이 가리키는 문서가 없거나 다릅니다.",
    "A document that the record names is missing or differs.",
  ),
  "chain-broken": operator("기록의 사슬이 끊겼습니다.", "The chain of the record is broken."),
  "root-differs": operator("기록과 봉인값이 다릅니다.", "The record differs from its checkpoint."),
  "checkpoint-invalid": operator("봉인 서명이 올바르지 않습니다.", "The checkpoint is not validly signed."),
  "quorum-missing": operator("증인 서명이 모자랍니다.", "The checkpoint lacks its witnesses' quorum."),
  "definition-invalid": operator("투표 정의가 올바르지 않습니다.", "The definition is not valid."),
  "registrar-invalid": operator("확인 기관의 열쇠가 올바르지 않습니다.", "A registrar's keys are not valid."),
  "ceremony-invalid": operator("열쇠 생성 메시지가 올바르지 않습니다.", "A message of the key ceremony is not valid."),
  "drill-invalid": operator("열쇠 백업 확인이 올바르지 않습니다.", "A backup drill is not valid."),
  "out-of-order": operator("지금 단계에서 할 수 없는 일입니다.", "This is not possible in the present phase."),
  "bounds-exceeded": operator("정해진 한도를 넘습니다.", "A bound of the definition would be exceeded."),
  "anchor-invalid": operator("시각 기준점이 올바르지 않습니다.", "The anchor is not valid."),
  "time-invalid": operator("적힌 시각이 맞지 않습니다.", "The stated time does not fit."),
  "act-invalid": operator("공무 서명이 올바르지 않습니다.", "An official's signature is not valid."),
  "act-outdated": operator(
    "그사이 다른 결정이 확정되었습니다. 새로 제안해 주세요.",
    "Another act was confirmed in between; propose anew.",
  ),
  "same-official": operator(
    "제안한 사람이 아닌 다른 담당자가 확인해야 합니다.",
    "A second, different official must confirm.",
  ),
  "passkey-invalid": operator("패스키 서명이 올바르지 않습니다.", "The passkey assertion is not valid."),
  "count-invalid": operator("집계 대상이 기록과 다릅니다.", "The count does not follow from the record."),
  "tally-invalid": operator("암호 합계가 기록과 다릅니다.", "The encrypted tally does not follow from the record."),
  "share-proof-invalid": operator(
    "개표 열쇠 조각의 증명이 올바르지 않습니다.",
    "The proof of a decryption share is not valid.",
  ),
  "share-signature-invalid": operator(
    "개표 열쇠 조각의 서명이 올바르지 않습니다.",
    "A decryption share is not validly signed.",
  ),
  "shares-missing": operator("개표 열쇠 조각이 모자랍니다.", "There are too few valid shares."),
  "decryption-invalid": operator("개표값이 조각과 맞지 않습니다.", "The opened points do not follow from the shares."),
  "result-invalid": operator("결과가 집계와 맞지 않습니다.", "The result does not follow from the count."),
  "audit-invalid": operator("감사 보고가 올바르지 않습니다.", "The audit report is not valid."),
  "client-differs": operator("화면 파일이 기록된 목록과 다릅니다.", "A served file differs from the record's list."),
  "paper-invalid": operator("증명서가 기록과 맞지 않습니다.", "The paper does not fit the record."),
  "promise-broken": operator(
    "약속이 지켜지지 않았습니다. 이 파일은 증거입니다.",
    "A promise was broken; this file is evidence.",
  ),
  // The service
  overloaded: voter(
    "지금 이용자가 많습니다.",
    "Many people are voting right now.",
    "이 화면이 자동으로 다시 보냅니다.",
    "This page sends it again by itself.",
  ),
  "too-soon": voter(
    "다시 투표하기까지 잠시 기다려야 합니다.",
    "A new vote must wait a little after the last one.",
    "이 화면이 자동으로 다시 보냅니다.",
    "This page sends it again by itself.",
  ),
  unavailable: voter(
    "지금 서비스를 이용할 수 없습니다.",
    "The service is not available.",
    "잠시 뒤 다시 시도해 주세요.",
    "Try again shortly.",
  ),
} as const satisfies Record<RefusalCode, Sentences>;
