/** What a stranger may put in a link instead of the reference of a failure: a name, and the text. */
export const noReferences: readonly (readonly [string, string])[] = [
  ['markup', '<b>7K3QX9MP</b>'],
  ['markup of eight characters', '<i>ABCDE'],
  ['ten thousand characters', '7K3QX9MP'.repeat(1_250)],
  ['one character less', '7K3QX9M'],
  ['one character more', '7K3QX9MPA'],
  ['a mark of text direction', '7K3Q\u202eX9MP'],
  ['a mark of text direction in place of a letter', '7K3Q\u202e9MP'],
  ['a character that is never seen', '7K3QX9MP\u200b'],
  ['letters of another alphabet', '7К3QХ9МР'],
  ['full-width letters', '７Ｋ３ＱＸ９ＭＰ'],
  ['small letters', '7k3qx9mp'],
  ['a letter that looks like a digit', 'OOOOOOOO'],
  ['a digit that looks like a letter', '11111111'],
  ['a second line', '7K3QX9MP\n'],
  ['a sentence', 'CALL 555'],
  ['nothing', ''],
]
