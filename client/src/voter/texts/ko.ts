/** The resident's words. Korean is the source: `en.ts` must have every text. No term of cryptography stands here but in the folds. */
import type { Language } from "../../ui/language.svelte.ts";

export const ko = {
  title: "한표",
  steps: ["본인 확인", "안건 읽기", "고르기", "확인", "투표"],
  stepsLabel: (step: number, of: number, name: string) => `${of}단계 중 ${step}단계: ${name}`,
  back: "뒤로",
  again: "다시 시도",
  links: {
    vote: "투표하기",
    lookUp: "내 표 찾아보기",
    how: "어떻게 지켜지나요?",
    observe: "누구나 참관",
    erase: "이 기기에서 흔적 지우기",
  },

  loading: { title: "투표를 불러오고 있습니다", body: "투표의 내용과 서명을 이 기기가 직접 확인합니다." },
  unreachable: {
    offline: {
      title: "인터넷에 연결되어 있지 않습니다",
      body: "아무것도 보내지 않았습니다. 연결되면 저절로 이어집니다.",
    },
    server: {
      title: "지금은 투표 화면을 열 수 없습니다",
      body: "아무것도 보내지 않았습니다. 잠시 뒤 다시 시도해 주세요.",
    },
    untrusted: {
      title: "이 투표의 서명이 맞지 않습니다",
      body: "이 화면이 받은 내용을 믿을 수 없어 멈췄습니다. 아무것도 보내지 않았습니다. 우편 안내문에 적힌 번호로 선거관리 담당자에게 알려 주세요. 이 화면에 나온 연락처는 쓰지 마세요.",
    },
  },
  unsupported: {
    title: "이 브라우저로는 투표할 수 없습니다",
    body: "아무것도 보내지 않았습니다. 브라우저를 최신 판으로 올리거나 크롬, 사파리, 엣지, 파이어폭스로 다시 열어 주세요.",
    missing: (names: string) => `이 브라우저에 없는 것: ${names}`,
  },
  early: {
    title: "아직 시작하지 않았습니다",
    opens: (time: string) => `${time}에 시작합니다.`,
    left: (duration: string) => `남은 시간 ${duration}`,
    waiting: "투표함이 곧 열립니다. 이 화면을 켜 두면 저절로 바뀝니다.",
    setup: "투표를 준비하고 있습니다. 열리면 저절로 바뀝니다.",
    prepare: "우편으로 받은 참여 코드를 미리 준비해 주세요. 안건은 지금도 읽을 수 있습니다.",
  },
  over: {
    title: "투표가 끝났습니다",
    body: "더는 표를 받지 않습니다. 마감 전에 투표함에 들어간 표는 집계됩니다.",
    aborted: "이 투표는 중단되었습니다. 어떤 표도 열지 않습니다. 공고를 확인해 주세요.",
    result: "결과와 진행 보기",
  },
  paused: {
    title: "투표가 잠시 멈춰 있습니다",
    body: "지금 넣은 표는 보관했다가, 다시 시작되면 저절로 보냅니다. 멈춘 시간만큼 마감이 늦춰집니다.",
  },
  crashed: {
    title: "화면의 일부가 멈췄다가 다시 시작했습니다",
    body: "그 사이 보내던 것은 이 기기에 남아 있고 저절로 이어집니다.",
  },

  code: {
    lead: (time: string) => `${time}까지 투표할 수 있습니다.`,
    left: (duration: string) => `${duration} 남았습니다`,
    need: "우편으로 받은 참여 코드만 있으면 됩니다. 2분쯤 걸립니다.",
    label: "참여 코드",
    hint: "영문과 숫자 16자리입니다. 대문자와 소문자, 줄표는 신경 쓰지 않아도 됩니다.",
    submit: "시작하기",
    busy: "확인하고 있습니다…",
    about: "무엇을 묻는 투표인가요?",
    device: "나만 쓰는 기기에서 투표해 주세요. 다시 투표할 때 이 기기가 필요합니다.",
    length: (typed: number) => `참여 코드는 16자리인데 ${typed}자리를 입력하셨습니다. 빠진 글자가 없는지 봐 주세요.`,
    character: (it: string) =>
      `‘${it}’은(는) 참여 코드에 쓰이지 않는 글자입니다. 비슷하게 생긴 다른 글자인지 봐 주세요.`,
    check:
      "코드 어딘가가 다릅니다. 한 글자를 잘못 읽었거나 두 글자의 순서가 바뀌었을 수 있습니다. 우편물과 네 글자씩 견주어 봐 주세요.",
    notSent: "아직 아무것도 보내지 않았습니다.",
  },
  registrars: {
    title: "투표권을 받고 있습니다",
    body: (quorum: number, of: number) =>
      `서로 독립된 확인 기관 ${of}곳이 투표권이 있는지 따로따로 확인합니다. ${quorum}곳이 확인하면 투표할 수 있습니다. 어느 곳도 어떤 표가 누구 것인지 알 수 없습니다.`,
    steps: {
      asking: "확인 기관에 묻고 있습니다.",
      logging: "투표권을 공개 장부에 적고 있습니다. 이름은 적지 않습니다.",
    },
    progress: (answered: number, of: number) => `${of}곳 중 ${answered}곳이 확인했습니다.`,
    late: "몇 곳의 답이 늦어지고 있습니다. 기다리면 저절로 이어집니다. 이 화면을 닫아도 이 기기에서 다시 이어서 할 수 있습니다.",
    goOn: "확인한 곳만으로 계속하기",
    confirmed: "확인함",
    waiting: "기다리는 중",
  },
  returned: {
    title: "다시 오셨네요",
    voted: (code: string) => `이 기기에서 이미 투표했습니다. 확인 코드는 ${code}입니다.`,
    mayAgain: "마감 전까지 다시 투표할 수 있습니다. 마지막에 넣은 표만 셉니다.",
    mayNot: "이 투표는 한 번만 할 수 있습니다.",
    ready: "이 기기는 본인 확인을 마쳤습니다. 이어서 투표할 수 있습니다.",
    vote: "투표하기",
    voteAgain: "다시 투표하기",
    lookUp: "내 표가 들어 있는지 보기",
    notYou: "본인이 아닌가요?",
    someoneElse: "다른 사람이 투표하기",
  },
  read: {
    title: "안건을 읽어 주세요",
    place: (place: string) => `투표 구역: ${place}`,
    weight: (weight: number) => `이 투표권은 ${weight}표로 셉니다.`,
    options: "고를 수 있는 것",
    next: "고르러 가기",
  },
  choose: {
    of: (step: number, of: number) => `안건 ${of}개 중 ${step}번째`,
    rules: {
      one: "하나를 골라 주세요.",
      several: (min: number, max: number) =>
        min > 1 ? `${min}개에서 ${max}개까지 골라 주세요.` : `${max}개까지 고를 수 있습니다.`,
      score: (max: number) => `항목마다 0점에서 ${max}점까지 줄 수 있습니다.`,
      points: (min: number, max: number) =>
        min === max ? `점수 ${max}점을 나누어 주세요.` : `점수를 ${max}점까지 나누어 주세요.`,
    },
    given: (sum: number, max: number) => `${max} 가운데 ${sum}을 골랐습니다.`,
    full: (max: number) => `${max}개를 모두 골랐습니다. 바꾸려면 고른 것을 먼저 지워 주세요.`,
    blank: "기권",
    blankMeaning: "어느 것도 고르지 않습니다. 투표에는 참여한 것으로 셉니다.",
    readAgain: "안건 설명 다시 읽기",
    nothing: "아직 고르지 않았습니다. 고를 것이 없다면 ‘기권’을 고르세요.",
    nothingNoBlank: "아직 고르지 않았습니다. 하나 이상 골라 주세요.",
    tooFew: (missing: number) => `${missing}만큼 더 골라 주세요.`,
    next: "다음",
    done: "확인하러 가기",
    less: (name: string) => `${name} 1점 빼기`,
    more: (name: string) => `${name} 1점 더하기`,
    pointsOf: (value: number) => `${value}점`,
    empty: "고른 것 없음",
  },
  check: {
    title: "이렇게 고르셨습니다",
    change: "고치기",
    changeOf: (title: string) => `${title} 고치기`,
    lock: "봉투에 넣어 잠그기",
    not: "아직 투표한 것이 아닙니다. 봉투를 잠근 다음 화면에서 투표함에 넣습니다.",
    failed: "봉투를 잠그다가 멈췄습니다. 아무것도 보내지 않았고 고른 것은 그대로입니다. 다시 잠가 주세요.",
  },
  locking: { title: "봉투를 잠그고 있습니다", body: "고른 것을 이 기기 안에서 잠급니다. 1초쯤 걸립니다." },
  sealed: {
    title: "봉투를 잠갔습니다. 이제 투표함에 넣으세요",
    code: "확인 코드",
    codeMeaning: "이 봉투의 이름표입니다. 무엇을 골랐는지는 들어 있지 않습니다.",
    cast: "투표함에 넣기",
    not: "이 단추를 눌러야 투표가 끝납니다.",
    change: "넣지 않고 고치기",
  },
  sent: {
    sending: "투표함으로 보내고 있습니다",
    received: "접수되었습니다",
    done: "투표를 마쳤습니다",
    doneLead: "봉투가 투표함에 들어간 것을 이 기기가 직접 확인했습니다.",
    receivedLead: "투표함에 들어가는 것까지 확인하고 있습니다. 잠시만 기다려 주세요.",
    sendingLead: "이 화면을 닫지 말아 주세요. 닫더라도 이 기기에서 다시 열면 이어집니다.",
    ticksLabel: "투표 진행",
    ticks: {
      received: "접수됨",
      receivedHow: "접수 서명을 확인했습니다.",
      inBox: "투표함에 들어감",
      inBoxHow: (index: string, size: string) =>
        `기록 ${size}개 가운데 ${index}번에 이 봉투가 있다는 증명을 이 기기에서 확인했습니다.`,
      witnessed: "증인들이 같은 투표함을 봄",
      witnessedHow: (names: string, time: string) => `${names}의 서명을 확인했습니다. ${time}.`,
      waiting: "기다리는 중",
      fault: "맞지 않음",
    },
    waiting: {
      offline: "인터넷이 끊겼습니다. 봉투는 이 기기에 있고, 연결되면 같은 봉투를 저절로 다시 보냅니다.",
      overloaded: "지금 이용자가 많습니다. 봉투는 이 기기에 있고, 차례가 되면 저절로 다시 보냅니다.",
      paused: "투표가 잠시 멈춰 있습니다. 다시 시작되면 같은 봉투를 저절로 보냅니다.",
      "too-soon": "바로 앞의 투표와 시간이 너무 가깝습니다. 잠시 뒤 저절로 보냅니다.",
      mixing: "누구의 봉투인지 시간으로 짐작하지 못하게, 잠시 두었다가 보냅니다.",
    },
    retryIn: (duration: string) => `${duration} 뒤에 다시 보냅니다.`,
    code: "확인 코드",
    codeUse:
      "이 코드로 언제든 내 봉투가 투표함에 있는지 찾아볼 수 있습니다. 무엇을 골랐는지는 아무에게도 보이지 않습니다.",
    qr: "확인 코드가 담긴 그림. 다른 기기로 찍으면 찾아보는 화면이 열립니다.",
    save: "영수증 저장",
    print: "인쇄",
    voteAgain: "다시 투표하기",
    mayAgain: (time: string) => `${time}까지 다시 투표할 수 있고, 마지막에 넣은 표만 셉니다.`,
    shared: "여럿이 함께 쓰는 기기인가요?",
    sharedBody:
      "지우면 이 기기로는 다시 투표할 수 없습니다. 이미 넣은 표는 그대로 셉니다. 확인 코드를 먼저 적거나 저장해 두세요.",
    faults: {
      acknowledgement: "접수 서명이 맞지 않습니다.",
      proof: "투표함에 들어갔다는 증명이 맞지 않습니다.",
      witnesses: "증인들의 서명이 맞지 않거나 모자랍니다.",
      missing: "약속한 시간 안에 투표함에 들어가지 않았습니다.",
    },
    faultDo:
      "표가 들어갔는지 이 기기가 보증할 수 없습니다. 증거 파일을 저장하고, 우편 안내문에 적힌 번호로 선거관리 담당자와 참관인에게 알려 주세요. 이 화면에 나온 연락처는 쓰지 마세요.",
    evidence: "증거 파일 저장",
  },
  refused: {
    title: "이 봉투는 투표함에 들어가지 않았습니다",
    file: "서명된 거절 증명 저장",
    fileMeaning: "거절이 옳은지 누구나 이 파일로 따져 볼 수 있습니다.",
    noFile: "거절에 올바른 서명이 없습니다. 이 답을 그대로 믿지 말고, 내 표 찾아보기에서 투표함을 확인해 주세요.",
    again: "다시 고르기",
  },
  lookUp: {
    title: "내 표 찾아보기",
    body: "확인 코드를 넣으면 그 봉투가 투표함에 있는지 이 기기가 직접 확인합니다. 본인 확인은 필요 없습니다.",
    label: "확인 코드",
    hint: "20자리입니다. O와 0, I와 1은 가리지 않고 읽습니다.",
    submit: "찾아보기",
    mine: "이 기기로 넣은 표 찾아보기",
    looking: (done: string, size: string) => `투표함을 살펴보는 중: ${size}개 중 ${done}개`,
    starting: "투표함을 여는 중입니다",
    found: "투표함에 있습니다",
    latest: "이 투표권으로 넣은 마지막 봉투입니다. 마감까지 다시 투표하지 않으면 이 표를 셉니다.",
    replaced: "이 봉투 뒤에 다시 투표한 봉투가 있습니다. 나중 것을 셉니다.",
    counted: "집계에 들어갔습니다.",
    notCounted: "나중에 넣은 봉투가 집계에 들어갔습니다.",
    absent: "투표함에서 찾지 못했습니다",
    absentBody: (size: string) =>
      `기록 ${size}개를 모두 살폈지만 이 코드의 봉투가 없습니다. 코드를 다시 견주어 봐 주세요. 방금 투표했다면 1분쯤 뒤에 다시 찾아보세요.`,
    fault: "투표함의 서명이 맞지 않습니다",
    faultBody:
      "이 서버가 보여 준 투표함을 믿을 수 없습니다. 우편 안내문에 적힌 번호로 선거관리 담당자와 참관인에게 알려 주세요.",
    length: (typed: number) => `확인 코드는 20자리인데 ${typed}자리를 입력하셨습니다.`,
    character: (it: string) => `‘${it}’은(는) 확인 코드에 쓰이지 않는 글자입니다.`,
    details: "무엇을 확인했나요?",
  },
  erase: {
    title: "이 기기에서 흔적 지우기",
    body: "이 기기에 남은 투표권과 확인 코드를 모두 지웁니다. 투표함에 들어간 표는 그대로 셉니다.",
    warning:
      "지우고 나면 이 기기로 다시 투표할 수 없습니다. 복구 단어를 적어 두지 않았다면 다른 기기로도 다시 투표할 수 없습니다.",
    pending: "아직 보내고 있는 봉투가 있습니다. 지금 지우면 그 봉투가 들어가지 않을 수 있습니다.",
    submit: "모두 지우기",
    done: "모두 지웠습니다",
    doneBody: "이 기기에는 투표와 관련된 것이 남아 있지 않습니다. 이 창을 닫아 주세요.",
  },
  words: {
    fold: "기기를 잃어버릴 때를 위한 복구 단어",
    body: "이 24개 단어가 있으면 다른 기기에서 투표권을 되찾을 수 있습니다. 종이에 적고 아무에게도 보이지 마세요. 이 단어를 본 사람은 대신 다시 투표할 수 있습니다.",
    show: "복구 단어 보기",
    hide: "감추기",
    have: "다른 기기에서 쓰던 복구 단어가 있나요?",
    label: "복구 단어 24개 (띄어 쓰기)",
    wrong: "복구 단어가 맞지 않습니다. 단어의 수와 순서, 맞춤법을 봐 주세요. 아직 아무것도 보내지 않았습니다.",
  },
  how: {
    title: "어떻게 지켜지나요?",
    points: [
      {
        title: "무엇을 골랐는지 아무도 볼 수 없습니다",
        body: "고른 것은 이 기기 안에서 봉투에 넣어 잠급니다. 봉투는 하나씩 열지 않습니다. 개표 열쇠는 여러 담당자가 나누어 갖고, 정해진 수가 모여야 합계만 열 수 있습니다.",
      },
      {
        title: "누구의 봉투인지 알 수 없습니다",
        body: "본인 확인을 하는 기관은 투표권에 눈을 가리고 서명합니다. 그래서 투표함에는 누가 넣었는지가 적히지 않습니다.",
      },
      {
        title: "넣은 표를 빼거나 바꿀 수 없습니다",
        body: "투표함은 모두가 볼 수 있고, 서로 독립된 증인들이 같은 투표함을 보고 있다고 서명합니다. 바뀌면 드러납니다.",
      },
      {
        title: "결과를 누구나 다시 셀 수 있습니다",
        body: "참관 화면에서 누구나 모든 기록을 처음부터 끝까지 검사할 수 있습니다.",
      },
    ],
    terms: "쓰인 기술의 이름",
    termsBody:
      "지수 ElGamal 암호(ristretto255), 영지식 증명, 임계값 복호화, RFC 9474 은닉 서명, 투명성 로그(C2SP tlog-tiles)와 증인 서명. 자세한 규칙은 공개된 규약 문서에 있습니다.",
    limits:
      "할 수 없는 것도 있습니다. 이 기기에 악성 프로그램이 있으면 고르는 것을 볼 수 있고, 곁에서 강요하는 것을 막지 못합니다. 강요받았다면 나중에 혼자 있을 때 다시 투표하세요.",
  },
  receipt: {
    heading: "투표 영수증",
    file: (code: string) => `hanpyo-receipt-${code}.txt`,
    prints: (time: string) => `인쇄한 때: ${time}`,
    keep: "이 종이에는 무엇을 골랐는지 적혀 있지 않습니다.",
  },
};

export const listNames = (names: readonly string[], language: Language): string =>
  new Intl.ListFormat(language === "ko" ? "ko-KR" : "en-GB", { type: "conjunction" }).format(names);
