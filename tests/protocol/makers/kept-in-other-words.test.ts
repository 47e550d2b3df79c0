/** Refusals of a refresh token that end no session, however often they come: words of other things, and other forms. */
import { expect, it } from 'vitest'
import type { Answer } from '../../support/protocol/scripted-server.ts'
import { callAt, expectAlive, kept, says, startRefused } from './refused-refresh.ts'

const page = { 'content-type': 'text/html' }
const others: readonly (readonly [string, Answer])[] = [
  [
    'the client metadata could not be fetched',
    says({ error: 'failed to get client: failed to fetch client metadata: 404' }),
  ],
  [
    'the client metadata could not be fetched, in other words',
    says({ error: 'InvalidRequest', message: 'failed to fetch client metadata' }),
  ],
  ['the client is refused', says({ error: 'invalid_client' })],
  ['the client is refused, in words', says({ error: '"client authentication method mismatch' })],
  ['the metadata are refused', says({ error: 'invalid_client_metadata' })],
  ['the client key is unknown', says({ error: 'InvalidRequest', message: 'unknown client key' })],
  ['the proof is refused', says({ error: 'invalid_dpop_proof' })],
  ['the proof is of another key', says({ error: 'dpop jkt mismatch' })],
  ['another nonce is wanted', says({ error: 'use_dpop_nonce' })],
  ['the clock is wrong, and nothing else is said', says({ error: 'InvalidRequest' })],
  ['the request is refused', says({ error: 'invalid_request' })],
  [
    'the words are in the description only',
    says({ error: 'invalid_request', error_description: 'Session expired' }),
  ],
  [
    'the words of pegasus are in the description only',
    says({ error: 'invalid_request', error_description: 'invalid refresh token' }),
  ],
  [
    'the words have a description beside them',
    says({ error: 'Session expired', error_description: 'for maintenance' }),
  ],
  ['the words are part of a longer text', says({ error: 'Session expired soon' })],
  ['the words are a message', says({ error: 'InvalidRequest', message: 'Session expired' })],
  ['the words come as a page', { status: 400, headers: page, body: '{"error":"Session expired"}<p>' }],
  ['the words come as a whole page', { status: 400, headers: page, body: '{"error":"Session expired"}' }],
  ['the words come without a type', { status: 400, body: '{"error":"Session expired"}' }],
  [
    'the words have a description of another form beside them',
    { status: 400, json: { error: 'Session expired', error_description: { reason: 'maintenance' } } },
  ],
  [
    'the words have a message of another form beside them',
    { status: 400, json: { error: '"client_id" mismatch', message: ['the metadata is gone'] } },
  ],
  ['the words come as text', { status: 400, headers: page, body: 'Session expired' }],
  ['the words come as a list', { status: 400, body: '[{"error":"Session expired"}]' }],
  ['the words come with 401', says({ error: 'Session expired' }, 401)],
  ['the words come with 403', says({ error: '"client_id" mismatch' }, 403)],
  ['the words come with 429', says({ error: '"client_id" mismatch' }, 429)],
  ['the words come with 500', says({ error: 'Session expired' }, 500)],
  ['the words come with 503', says({ error: 'InvalidRequest', message: 'invalid refresh token' }, 503)],
]

it.each(others)('keeps the session for two hours in which %s', async (_, answer) => {
  await using refused = await startRefused(answer)
  const errors = await callAt([0, 20, 40, 60, 80, 100, 120], refused)
  expect(errors).toMatchObject(Array(7).fill(kept))
  await expectAlive(refused)
})
