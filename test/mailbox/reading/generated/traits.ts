/** What in a message readers are known to take differently. */
export type Trait =
  | 'html only'
  | 'hidden'
  | 'boxes'
  | 'zero-width'
  | 'split character'
  | 'unencoded subject that ends with byte A0'
  | 'mislabelled'
  | 'label no standard has'
  | 'windows-1252 beyond iso-8859-1'
  | 'flowed'
  | 'delsp'
  | 'broken url'
  | 'text after url'
  | 'punctuation after url'
  | 'parenthesis after url'
  | 'bare ampersand';
