import { describe, expect, it } from 'vitest'
import { readDraft } from '../../../app/compose/read-draft.ts'

const picture = { cid: `b${'a'.repeat(58)}`, mimeType: 'image/png', size: 10, width: 4, height: 3 }

function form(fields: readonly (readonly [string, string | File])[]): FormData {
  const made = new FormData()
  for (const [name, value] of [['text', 'Hi'], ['account', 'did:plc:a'], ...fields] as const)
    made.append(name, value)
  return made
}

describe('readDraft', () => {
  it('reads words, uploaded pictures and files, each with its description', () => {
    const draft = readDraft(
      form([
        ['picture', JSON.stringify(picture)],
        ['alt', ' A hill '],
        ['file', new File([''], '')],
        ['fileAlt', ''],
        ['file', new File(['x'], 'x.png')],
        ['fileAlt', 'X'],
      ]),
    )
    expect(draft).toMatchObject({ text: 'Hi', account: 'did:plc:a', attached: [{ picture, alt: 'A hill' }] })
    expect(draft?.files.map(({ file, alt }) => [file.name, alt])).toEqual([['x.png', 'X']])
  })

  it.each([
    ['no form', { text: 'Hi' }],
    [
      'a file for a text',
      form([
        ['picture', new File([], 'x')],
        ['alt', ''],
      ]),
    ],
    [
      'a text for a file',
      form([
        ['file', 'x'],
        ['fileAlt', ''],
      ]),
    ],
    [
      'no JSON',
      form([
        ['picture', '{'],
        ['alt', ''],
      ]),
    ],
    [
      'a CID that is none',
      form([
        ['picture', JSON.stringify({ ...picture, cid: '../x' })],
        ['alt', ''],
      ]),
    ],
    [
      'a type that is no picture',
      form([
        ['picture', JSON.stringify({ ...picture, mimeType: 'text/html' })],
        ['alt', ''],
      ]),
    ],
    ['a picture without its description', form([['picture', JSON.stringify(picture)]])],
    [
      'an endless description',
      form([
        ['picture', JSON.stringify(picture)],
        ['alt', 'a'.repeat(2_001)],
      ]),
    ],
  ])('takes nothing of a form with %s', (_, sent) => {
    expect(readDraft(sent)).toBeUndefined()
  })
})

it('takes a field for a file that is empty for no picture, also by the name that React gives it', () => {
  for (const name of ['', 'undefined']) {
    const form = new FormData()
    form.set('text', 'Hello')
    form.append('file', new File([], name))
    form.append('fileAlt', '')
    expect(readDraft(form)?.files).toEqual([])
  }
})
