/** Files of applications as people write them, and what the rule `require-session` says of them. */

export interface LintCase {
  readonly title: string
  readonly path: string
  readonly code: string
  /** Option `functions`. */
  readonly functions?: readonly string[]
  /** What is reported, by the id of the message and the line. */
  readonly reports: readonly string[]
}

type Listed = readonly [title: string, code: string, ...reports: string[]]

function at(path: string, cases: readonly Listed[], functions?: readonly string[]): readonly LintCase[] {
  return cases.map(([title, code, ...reports]) => ({
    title,
    path,
    code,
    reports,
    ...(functions && { functions }),
  }))
}

const page = 'app/(members)/notes/[id]/page.tsx'
const route = 'src/app/api/notes/route.ts'
const actions = 'lib/actions.ts'

const asking = 'async function Notes() { const { did } = await auth.requireSession(); return <p>{did}</p> }'

/** What asks. */
export const askingFiles: readonly LintCase[] = [
  ...at(page, [
    ['a page', 'export default async function Page() { return (await auth.requireSession()).did }'],
    ['a page with a component', `export default function Page() { return <S><Notes /></S> }\n${asking}`],
    ['a page of an arrow', `const Page: NextPage = () => <Notes />\nexport default Page\n${asking}`],
    ['a page that awaits nothing', 'export default () => <List session={auth.getSession()} />'],
    [
      'a page with a type behind it',
      `export { Page as default }\nconst Page = (() => <Notes />) satisfies P\n${asking}`,
    ],
    [
      'a page in wrappers',
      `export default memo(withTitle(Page))\nfunction Page() { return <Notes /> }\n${asking}`,
    ],
    [
      'a class',
      `export default class Page extends React.Component<P> { render() { return <Notes /> } }\n${asking}`,
    ],
    [
      'a page by a cached function',
      'const user = cache(async () => auth.getSession())\nexport default async () => (await user())?.did',
    ],
    [
      'a page by a destructured function',
      'const { getSession } = auth\nexport default async () => (await getSession())?.did',
    ],
    [
      'a page by a renamed import',
      "import { requireSession as need } from '@/auth'\nexport default async () => (await need()).did",
    ],
    ['a page by a status', 'export default async () => (await auth?.getSessionStatus!()).kind'],
    [
      'a page with the accounts’ devices',
      'export default async () => (await auth.listDevices()).map((device) => device.label)',
    ],
    ['a page that is another page', "export { default, metadata } from '../../page'"],
    ['a page that is an imported page', "import Page from '../../page.tsx'\nexport default Page"],
    [
      'a page that asks among others',
      'export default async () => { const [session] = await Promise.all([auth.getSession(), f()]); return session?.did }',
    ],
    [
      'a page that is given the function',
      'export default withAuth(async ({ requireSession }) => (await requireSession()).did)',
    ],
    [
      'a page by a function inside of it',
      'export default async () => { const ask = async () => auth.getSession()\nreturn (await ask())?.did }',
    ],
    ['a page that has moved', "export default function Page() { redirect('/notes') }"],
    ['a page by use()', 'export default () => <List did={use(auth.getSession())?.did} />'],
    [
      'a page by a callback',
      'export default async () => withTrace("page", async () => (await auth.requireSession()).did)',
    ],
  ]),
  ...at('app/notes/layout.tsx', [
    ['a layout, which is no page', 'export default function Layout() { return null }'],
  ]),
  ...at('components/page.tsx', [
    ['a component of that name', 'export default function Page() { return null }'],
  ]),
  ...at('app/notes/page.stories.tsx', [['a story of a page', 'export default { title: "Notes" }']]),
  ...at('app/notes/page.tsx', [['a page of another name', 'export const metadata = { title: "Notes" }']]),
  ...at(route, [
    [
      'a method',
      'export async function GET(): Promise<Response> { return Response.json((await auth.getSession())?.did) }',
    ],
    [
      'methods of arrows',
      'export const GET = async () => auth.getSession(), POST = async () => { await auth.requireSession() }',
    ],
    [
      'a method of another name',
      'export { handle as POST }\nconst handle = async () => { await auth.requireSession() }',
    ],
    [
      'a method by a function',
      'export async function POST() { const { did } = await member(); return did }\nasync function member() { return ask() }\nconst ask = () => auth.requireSession()',
    ],
    [
      'a method by a wrapper of this file',
      'export const GET = withSession(async (session) => session.did)\nfunction withSession(handler) { return async (request) => { const session = await auth.getSession(); return session ? handler(session, request) : refuse() } }',
    ],
    ['a wrapped method', 'export const GET = withLog(async () => auth.getSession())'],
    ['the handlers of the library', 'export const { GET, POST } = auth.handlers'],
    ['a part of the handlers', 'export const { GET } = auth.handlers.clientMetadata'],
    ['the XRPC handler', 'export const { GET, POST } = auth.handlers.xrpc({ allow: {} })'],
    [
      'what is no method',
      'export const dynamic = "force-dynamic"\nexport function OPTIONS() { return new Response() }',
    ],
    [
      'an answer in a block',
      'export async function GET() { try { const s = await auth.getSession(); return s } catch { return null } }',
    ],
    ['a case zero', 'export async function GET() { switch (n) { case 0: return auth.requireSession() } }'],
  ]),
  ...at(actions, [
    [
      'an action',
      "'use server'\nexport async function save() { const { did } = await auth.requireSession(); return did }",
    ],
    [
      'actions of a client',
      "'use server'\nexport const save = client.use(async ({ next }) => next({ session: await auth.requireSession() })).action(async () => 1)",
    ],
    ['a type and a constant', "'use server'\nexport type State = { text: string }\nexport const limit = 3"],
    ['a function that is not exported', "'use server'\nasync function helper() {}"],
    [
      'a sign-out',
      "'use server'\nexport async function leave(form: FormData) { await auth.signOut(form) }\nexport const enter = async (form: FormData) => auth.signIn(form)",
    ],
    [
      'an inline action',
      "export const Form = () => post\nasync function post(form: FormData) { 'use server'\nconst session = await auth.requireSession() }",
    ],
    [
      'a sign-out that is exported later',
      "'use server'\nconst leave = () => auth.signOut()\nexport { leave }",
    ],
    ['an inline sign-out', "async function leave() { 'use server'\nawait auth.signOutEverywhere() }"],
  ]),
]

/** What never asks. */
export const silentFiles: readonly LintCase[] = [
  ...at(page, [
    ['a page', 'export default async function Page() {\n  return db.notes()\n}', 'page 1'],
    ['a page without a name', '\nexport default () => <List />', 'page 2'],
    [
      'a page whose action asks',
      "export default function Page() { return <form action={save} /> }\nasync function save() { 'use server'\nreturn (await auth.requireSession()).did }",
      'page 1',
    ],
    [
      'a page whose inline action asks',
      "export default function Page() { return <form action={async () => { 'use server'\nawait auth.requireSession() }} /> }",
      'page 1',
    ],
    [
      'a page that gives an asking action to a function',
      "export default () => { const save = track(async () => { 'use server'\nawait auth.requireSession() })\nreturn <List save={save} /> }",
      'page 1',
    ],
    [
      'a page whose metadata asks',
      'export const generateMetadata = async () => ({ title: (await auth.getSession())?.did })\nexport default () => <List />',
      'page 2',
    ],
    ['a component that it does not render', `export default () => <List />\n${asking}`, 'page 1'],
    ['a component that is only named', `export default () => <List of={Notes} />\n${asking}`, 'page 1'],
    [
      'a comment',
      '// await auth.requireSession()\nexport default () => <List title="auth.requireSession()" />',
      'page 2',
    ],
    [
      'a reference',
      'export default () => { const ask = auth.requireSession; return <List ask={ask} f={auth.getSession} /> }',
      'page 1',
    ],
    [
      'a nested function',
      'export default () => { async function ask() { return auth.getSession() }\nreturn <List /> }',
      'page 1',
    ],
    ['a handler of an event', 'export default () => <List onOpen={() => auth.getSession()} />', 'page 1'],
    [
      'a dead branch',
      'export default async () => { if (false) await auth.requireSession()\nreturn 0 && auth.getSession() }',
      'page 1',
    ],
    ['a dead end', 'export default async () => { return <List />\nawait auth.requireSession() }', 'page 1'],
    [
      'a function of its own of that name',
      'function getSession() { return null }\nexport default () => getSession()',
      'page 2',
    ],
    [
      'a page without await',
      'export default async () => {\n  auth.requireSession()\n  return <List />\n}',
      'notAwaited 2',
    ],
    [
      'a page with void',
      'export default async () => {\n  void auth.requireSession()\n  return <List />\n}',
      'notAwaited 2',
    ],
    [
      'a page that does not look',
      'export default async () => {\n  await auth.getSession()\n  return <List />\n}',
      'notUsed 2',
    ],
    [
      'a page that asks when it is sent',
      'export default () => { after(async () => log(await auth.getSession()))\nreturn <List /> }',
      'page 1',
    ],
    [
      'a page of the browser',
      "'use client'\nexport default function Page() { return <List /> }",
      'clientPage 2',
    ],
    ['a page from elsewhere', "import { List } from './list'\nexport default List", 'otherFile 2'],
    ['a default from elsewhere', "export { List as default } from './list'", 'otherFile 1'],
    ['a wrapper from elsewhere', 'export default auth(() => <List />)', 'page 1'],
    [
      'a class',
      'export default class Page extends React.Component { render() { return <List /> } }',
      'page 1',
    ],
    [
      'other accounts',
      'export default async () => (await auth.listAccounts()).map(({ did }) => auth.restore(did))',
      'page 1',
    ],
  ]),
  ...at('app/page.js', [['the first page', 'export default function Home() { return null }', 'page 1']]),
  ...at('C:\\work\\app\\page.jsx', [
    ['a page on Windows', 'export default function Home() { return null }', 'page 1'],
  ]),
  ...at(route, [
    ['a method', 'export async function GET() { return Response.json(await db.notes()) }', 'route 1'],
    [
      'one method of two',
      'export async function GET() { return auth.getSession() }\nexport async function DELETE() { await db.clear() }',
      'route 2',
    ],
    ['an arrow', 'export const GET = async (): Promise<Response> => Response.json(1)', 'route 1'],
    [
      'a later export',
      'const handle = async () => Response.json(1)\nexport { handle as PUT, handle as PATCH }',
      'route 2',
      'route 2',
    ],
    ['a re-export', "export { GET, POST } from './handlers'", 'otherFile 1', 'otherFile 1'],
    ['all of another file', "export * from './handlers'", 'otherFile 1'],
    ['an import', "import { GET } from './handlers'\nexport { GET }", 'otherFile 2'],
    ['a wrapper from elsewhere', 'export const GET = withLog(async () => Response.json(1))', 'route 1'],
    [
      'a method that is assigned later',
      'export let POST: Handler\nPOST = async () => Response.json(1)',
      'route 1',
    ],
    ['a part of another file', "import * as notes from './notes'\nexport const GET = notes.GET", 'route 2'],
    [
      'HEAD',
      'export function HEAD() { return new Response(null, { headers: { size: count() } }) }',
      'route 1',
    ],
    [
      'handlers of another library',
      'export const { GET, POST } = toNextJsHandler(auth)',
      'route 1',
      'route 1',
    ],
    [
      'two functions that call each other',
      'export function GET() { return a() }\nconst a = () => b()\nconst b = () => a()',
      'route 1',
    ],
  ]),
  ...at(actions, [
    [
      'an action',
      "'use server'\nexport async function remove(id: string) { await db.remove(id) }",
      'action 2',
    ],
    ['an arrow', "'use server'\nexport const remove = async (id: string) => db.remove(id)", 'action 2'],
    [
      'an action behind another directive',
      "'use strict'\n'use server'\nexport default async function remove() { await db.remove() }",
      'action 3',
    ],
    [
      'a list of exports',
      "'use server'\nasync function a() {}\nconst b = async () => { await auth.requireSession() }\nexport { a, b }",
      'action 4',
    ],
    ['a re-export', "'use server'\nexport { remove } from './remove'", 'otherFile 2'],
    [
      'an inline action',
      "export async function List() { const session = await auth.requireSession()\nasync function remove() { 'use server'\nawait db.remove(session.did) } return remove }",
      'action 2',
    ],
    [
      'an inline arrow',
      "const remove = async (id: string) => {\n  'use server'\n  await db.remove(id)\n}",
      'action 1',
    ],
    [
      'an action that is both',
      "'use server'\nexport async function remove() { 'use server'\nawait db.remove() }",
      'action 2',
    ],
    [
      'a sign-out with more',
      "'use server'\nexport async function leave(id: string) { await db.remove(id)\nawait auth.signOut() }",
      'action 2',
    ],
    [
      'a sign-out before more',
      "'use server'\nexport async function leave(id: string) { await auth.signOut()\nawait db.remove(id) }",
      'action 2',
    ],
    [
      'an action of a method',
      "export const notes = { async remove() { 'use server'\nawait db.remove() } }",
      'action 1',
    ],
    [
      'an action that does not look',
      "'use server'\nexport async function remove() {\n  await auth.getSession()\n  await db.remove()\n}",
      'notUsed 3',
    ],
  ]),
]

/** What the option `functions` changes. */
export const namedFiles: readonly LintCase[] = [
  ...at(
    page,
    [
      [
        'a function',
        "import { currentMember } from '@/member'\nexport default async () => (await currentMember()).name",
      ],
      [
        'a renamed function',
        "import { currentMember as member } from '@/member'\nexport default async () => (await member()).name",
      ],
      ['a component', 'export default () => <Guarded><List /></Guarded>'],
      ['a wrapper', 'export default withMember(() => <List />)'],
      ['a page from elsewhere', "import { MembersPage } from './members'\nexport default MembersPage"],
      ['a default from elsewhere', "export { MembersPage as default } from './members'"],
      ['a function that asks without await', 'export default () => { currentMember()\nreturn <List /> }'],
      ['a function that is only named', 'export default () => <List ask={currentMember} />', 'page 1'],
    ],
    ['currentMember', 'Guarded', 'withMember', 'MembersPage'],
  ),
]
