/** Files, bytes and texts that are shown. */
import { readImageHeader } from '../../../../app/compose/image-header.ts'
import { parseEnvText, setVariable } from '../../../../lib/cli/project/env-text.ts'
import { importKeyset } from '../../../../lib/crypto/keyset.ts'
import { describeError } from '../../../../lib/error-reason.ts'
import { decodeTxtAnswer } from '../../../../lib/net/dns-message.ts'
import { decodeAppState } from '../../../../lib/next/sign-in/app-state.ts'
import { urlOnPds } from '../../../../lib/oauth/resource/pds-url.ts'
import { parseServiceId } from '../../../../lib/oauth/resource/service-id.ts'
import { cleanName, cleanText, escapeControls } from '../../../../lib/untrusted-text.ts'
import { type GrowingInputs, jsonInputs, many } from './inputs.ts'

const letters = many('a')
const _json = { 'content-type': 'application/json' }
const PDS = 'https://pds.host.dev'
const secret = 'an access token of sixteen and more characters'
const asBytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))

export const growingTexts: readonly GrowingInputs[] = [
  {
    parser: 'text of strangers in a log',
    inputs: {
      controls: many('\u202e'),
      spaces: many(' ', 'a', 'b'),
      separators: many('\u2028\n'),
      'nearly a JWT': many(' ey', '', '.'),
      letters,
      facts: many('endpoint='),
      surrogates: many('\ud83d'),
    },
    run(text) {
      cleanText(text, { secrets: [secret] })
      cleanName(text)
      escapeControls(text)
      describeError(new TypeError(text, { cause: new Error(text) }))
    },
  },
  { parser: 'stored state of a sign-in', inputs: jsonInputs, run: decodeAppState },
  {
    parser: 'address of a call',
    inputs: {
      slashes: many('/'),
      dots: many('/..'),
      escapes: many('%2e/', '/'),
      letters: many('a', '/'),
      colons: many(':', 'did:web:a#'),
    },
    run(text) {
      try {
        parseServiceId(text)
      } catch {
        // A TypeError; the other parser is tried, too.
      }
      urlOnPds(text, PDS)
    },
  },
  {
    parser: 'DNS answer',
    inputs: {
      zeros: many('\0', '\0\0\x81\x80\0\0\xff\xff\0\0\0\0'),
      labels: many('\x01a', '\0\0\x81\x80\0\x01\0\x01\0\0\0\0'),
      records: many('\xc0\x0c\0\x10\0\x01\0\0\0\x3c\0\x04\x03did', '\0\0\x81\x80\0\0\xff\xff\0\0\0\0'),
    },
    run: (text) => decodeTxtAnswer(asBytes(text)),
  },
  {
    parser: 'image header',
    inputs: {
      'fill bytes': many('\xff', '\xff\xd8'),
      segments: many('\xff\xe1\0\x02', '\xff\xd8'),
      Exif: many('\xff\xe1\0\x10Exif\0\0MM\0\x2a\0\0\0\x08', '\xff\xd8'),
    },
    run: (text) => readImageHeader(asBytes(text)),
  },
  {
    parser: '.env file',
    inputs: {
      lines: many('\n'),
      spaces: many(' '),
      names: many('A\n'),
      assignments: many('A=1\n'),
      quotes: many(`A="\nB='\n`),
      'open quotes': many('A=\\"\n', 'A="'),
      exports: many('export '),
      letters,
      comments: many('#\n'),
      'spaces in a value': many(' ', 'A=', 'x'),
    },
    run(text) {
      parseEnvText(text)
      setVariable(text, 'ATPROTO_SECRET', 'ATPROTO_SECRET=x')
    },
  },
  {
    parser: 'client keys',
    inputs: {
      ...jsonInputs,
      beginnings: many('-----BEGIN A-----'),
      lines: many('\\n', '-----BEGIN PRIVATE KEY-----', '-----END PRIVATE KEY-----'),
      quotes: many(`'`),
    },
    run: importKeyset,
  },
]
