/** The page on which a person of a test network approves or denies: plain HTML, for a person and for Playwright. */
import { splitScope } from '../../oauth/scope/parse.ts'
import { escapeHtml } from '../../web/responses.ts'
import type { AuthorizationServer } from '../servers/authorization-server.ts'
import { Refusal } from '../servers/request-checks.ts'
import type { Answer, RecordedRequest } from '../servers/scripted-server.ts'
import type { Accounts } from './accounts.ts'
import { type TestFaults, withoutWithheld } from './faults.ts'

export interface ConsentDeps {
  readonly server: Pick<AuthorizationServer, 'pushed' | 'approve' | 'decline' | 'fail' | 'grants'>
  readonly accounts: Accounts
  readonly faults: () => TestFaults
}

export const CONSENT_PATH = '/oauth/authorize'
const html = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }

/** The page, or what becomes of its form. */
export function answerAtConsent(request: RecordedRequest, deps: ConsentDeps): Answer {
  const url = new URL(request.target, request.origin)
  try {
    const params = deps.server.pushed(url)
    const account = request.form.get('account') ?? params.get('login_hint')
    const decision = decisionOf(request, params, deps)
    if (decision === undefined) return consentPage(request.target, params, deps)
    if (decision === 'deny') return seeOther(deps.server.decline(url))
    if (decision !== 'approve') return seeOther(deps.server.fail(url, decision))
    const known = deps.accounts.find(account ?? '') ?? deps.accounts.all[0]
    if (!known) return refusePage('This network has no account.')
    return seeOther(deps.server.approve(url, known.did))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return refusePage('This sign-in is unknown here. Start again in the application.')
  }
}

/** `approve`, `deny`, an error of OpenID Connect, or undefined while the person has to say it. */
function decisionOf({ method, form }: RecordedRequest, params: URLSearchParams, deps: ConsentDeps) {
  if (method === 'POST') return form.get('decision') === 'approve' ? 'approve' : 'deny'
  const { consent = 'ask' } = deps.faults()
  if (consent !== 'ask') return consent
  return params.get('prompt') === 'none' ? silentAnswer(params, deps) : undefined
}

/** A silent sign-in goes through where the account has a session of this client already. */
function silentAnswer(params: URLSearchParams, { server, accounts }: ConsentDeps): string {
  const account = accounts.find(params.get('login_hint') ?? '')
  const isKnown = server.grants.all.some(
    ({ did, alive, holder }) => alive && did === account?.did && holder.clientId === params.get('client_id'),
  )
  return isKnown ? 'approve' : 'login_required'
}

function consentPage(action: string, params: URLSearchParams, { accounts, faults }: ConsentDeps): Answer {
  const hinted = accounts.find(params.get('login_hint') ?? '')
  const offered = hinted ? [hinted] : accounts.all
  const options = offered.map(({ did, handle }) => `<option value="${did}">${escapeHtml(handle)}</option>`)
  const scopes = splitScope(withoutWithheld(params.get('scope') ?? '', faults()))
  const client = escapeHtml(new URL(params.get('redirect_uri') ?? '').origin)
  return htmlPage(200, 'Test network: sign in', [
    `<p>${client} asks for access to your account.</p>`,
    `<form method="post" action="${escapeHtml(action)}">`,
    `<p><label>Account <select name="account">${options.join('')}</select></label></p>`,
    `<ul>${scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join('')}</ul>`,
    '<p><button name="decision" value="approve">Approve</button>',
    '<button name="decision" value="deny">Deny</button></p>',
    '</form>',
  ])
}

function refusePage(sentence: string): Answer {
  return htmlPage(400, 'Test network: no sign-in', [`<p role="alert">${sentence}</p>`])
}

function htmlPage(status: number, title: string, lines: readonly string[]): Answer {
  const head = '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
  const style = '<meta name="viewport" content="width=device-width">\n'
  const body = `${head}${style}<title>${title}</title>\n<h1>${title}</h1>\n${lines.join('\n')}\n`
  return { status, headers: html, body }
}

function seeOther(to: URL): Answer {
  return { status: 303, headers: { location: to.href, 'cache-control': 'no-store' }, body: '' }
}
