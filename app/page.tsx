import { readSession } from './_data/session.ts'
import { OutageNote } from './_failure/outage.tsx'
import { Streamed } from './_frame/streamed.tsx'
import { Welcome } from './_home/welcome.tsx'

/** The home page of a visitor. A browser with a session gets the page in home/: see next.config.ts. */
export default function WelcomePage() {
  return (
    <>
      <Welcome />
      <Streamed placeholder={null}>
        <NoteOfOutage />
      </Streamed>
    </>
  )
}

/** For an app that is not configured: it cannot sign anyone in. */
async function NoteOfOutage() {
  if ((await readSession()) !== 'outage') return null
  return (
    <section className="card notice-card" aria-labelledby="outage">
      <h2 id="outage">Something is wrong on our side</h2>
      <OutageNote path="/" />
    </section>
  )
}
