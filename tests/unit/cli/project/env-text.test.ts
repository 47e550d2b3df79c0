/** The text of .env files: read as Next.js reads it, by its own reader, and edited so that Next.js reads the new value. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseEnvText, setVariable } from '../../../../lib/cli/project/env-text.ts'

const { loadEnvConfig } = createRequire(import.meta.resolve('next/package.json'))('@next/env')

/** The variables as Next.js finds them. */
function asNext(text: string): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'atproto-env-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  // Not .env.local, which Next.js leaves out in tests.
  writeFileSync(join(folder, '.env'), text)
  const before = { ...process.env }
  try {
    return loadEnvConfig(folder, true, { info() {}, error() {} }, true).parsedEnv
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
  }
}

const texts = [
  '',
  'AA=1',
  '\ufeffAA=1\n',
  'AA: 1\n',
  'AA:1\nBB=2',
  'export AA=1\nexport\tBB=2',
  '\u00a0AA = 1 \n',
  'AA=1\rBB=2\r\nCC=3',
  'AA=  \nBB=2\n',
  'AA=\n"1"\nBB=2',
  `AA='it's'\nBB=2`,
  `AA='a\\'b'\nBB="a\\"b"`,
  'AA="a\\nb\\rc"\nBB=\'a\\nb\'',
  'AA="1\n2\nBB=3"\nCC=4',
  'AA="1" x\nBB=2',
  'AA="1\nBB=2',
  'AA=`1\n2`\nBB=3',
  'AA=1 # "x\nBB=2 #',
  'AA=1#2\nBB="1#2"',
  '#AA=1\n # AA=2\nBB=3',
  'AA=1\nAA=\nBB=1\nBB=2',
  'A.A=1\nB-B=2\nC C=3\n=4\nDD',
  `AA='{"keys":[{"d":"x"}]}'\nBB=2`,
  'AA==1==\nBB="',
]

describe('the variables of a text', () => {
  it.each(texts)('are those of Next.js: %j', (text) => {
    expect(parseEnvText(text)).toEqual(asNext(text))
  })
})

describe('a variable that is set', () => {
  const line = `AA='{"new":1}'`
  it.each(texts)('has its value in Next.js, and changes no other: %j', (text) => {
    const after = setVariable(text, 'AA', line)
    expect(asNext(after)).toEqual({ ...asNext(text), AA: '{"new":1}' })
  })

  it('is replaced where it counts: at its last place', () => {
    expect(setVariable('AA=1\nBB=2\nAA=3 # x\r\n\nCC=4', 'AA', line)).toBe(`AA=1\nBB=2\n${line}\r\n\nCC=4`)
  })

  it('takes the place of all lines of its value', () => {
    expect(setVariable('X=1\n  export AA="1\n2"\n\nBB=2\n', 'AA', line)).toBe(`X=1\n  ${line}\n\nBB=2\n`)
  })
})
