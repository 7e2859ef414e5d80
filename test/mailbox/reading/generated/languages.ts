/**
 * Words of languages, and the character sets that mail in them is sent in.
 */

export interface Language {
  /** Words that begin and end with letters. */
  words: string[];
  /** Labels, each with the encoding's name. */
  charsets: Array<[label: string, encoding: string]>;
  /** Text that goes on after an address without a space. */
  after?: string;
}

export const LANGUAGES: Language[] = [
  {
    words: ['Welcome', 'your', 'code', 'is', 'ready', 'Confirm', 'the', 'account'],
    charsets: [
      ['utf-8', 'utf-8'],
      ['us-ascii', 'utf-8'],
      ['iso-8859-1', 'utf-8'],
    ],
  },
  {
    words: ['Vérifiez', 'votre', 'adresse', 'à', 'l’arrivée', 'café', 'reçu', '10€', 'français'],
    charsets: [
      ['windows-1252', 'windows-1252'],
      ['iso-8859-1', 'windows-1252'],
      ['utf-8', 'utf-8'],
    ],
  },
  {
    words: ['Żółta', 'łódź', 'Twój', 'kod', 'potwierdź', 'źródło', 'ćma'],
    charsets: [
      ['iso-8859-2', 'iso-8859-2'],
      ['windows-1250', 'windows-1250'],
      ['utf-8', 'utf-8'],
    ],
  },
  {
    words: ['Ваш', 'код', 'подтверждения', 'для', 'входа', 'Здравствуйте', 'ссылка'],
    charsets: [
      ['koi8-r', 'koi8-r'],
      ['windows-1251', 'windows-1251'],
      ['iso-8859-5', 'iso-8859-5'],
      ['utf-8', 'utf-8'],
    ],
  },
  {
    words: ['Ο', 'κωδικός', 'σας', 'είναι', 'Καλώς', 'ήρθατε'],
    charsets: [
      ['iso-8859-7', 'iso-8859-7'],
      ['windows-1253', 'windows-1253'],
      ['utf-8', 'utf-8'],
    ],
  },
  {
    words: ['Doğrulama', 'kodunuz', 'için', 'hoş', 'geldiniz', 'şifre'],
    charsets: [
      ['windows-1254', 'windows-1254'],
      ['iso-8859-9', 'windows-1254'],
      ['utf-8', 'utf-8'],
    ],
  },
  {
    words: ['ご登録', 'ありがとう', '認証', 'コード', 'を入力', 'ください', '確認'],
    charsets: [
      ['shift_jis', 'shift_jis'],
      ['euc-jp', 'euc-jp'],
      ['iso-2022-jp', 'iso-2022-jp'],
      ['utf-8', 'utf-8'],
    ],
    after: 'をクリック',
  },
  {
    words: ['验证码', '您好', '欢迎', '注册', '请点击', '链接', '登录'],
    charsets: [
      ['gb2312', 'gbk'],
      ['gbk', 'gbk'],
      ['gb18030', 'gb18030'],
      ['utf-8', 'utf-8'],
    ],
    after: '。请点击',
  },
  {
    words: ['驗證碼', '您好', '歡迎', '註冊', '請點擊', '連結'],
    charsets: [
      ['big5', 'big5'],
      ['utf-8', 'utf-8'],
    ],
    after: '，謝謝',
  },
  {
    words: ['인증', '코드', '안녕하세요', '가입', '확인', '링크'],
    charsets: [
      ['euc-kr', 'euc-kr'],
      ['ks_c_5601-1987', 'euc-kr'],
      ['utf-8', 'utf-8'],
    ],
    after: '를 클릭',
  },
  {
    words: ['รหัส', 'ยืนยัน', 'ของคุณ', 'สวัสดี'],
    charsets: [
      ['windows-874', 'windows-874'],
      ['tis-620', 'windows-874'],
      ['utf-8', 'utf-8'],
    ],
  },
];
