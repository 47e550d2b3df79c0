/** Lets browsers act, at random and at the end of a part. */
import { act, checkAtLast, chooseAction } from './actions.ts'
import { lose, type Run, type RunBrowser, type Turn } from './run.ts'
import { createDice, type Dice } from './seeded.ts'

/** A browser that does nothing does something; returns at once when all are at work. */
export async function actOnce(run: Run, dice: Dice): Promise<void> {
  const browser = dice.pick(run.browsers.filter(({ isBusy }) => !isBusy))
  if (!browser) return
  run.counts.actions += 1
  const number = run.counts.actions
  // A browser without an account has little else to do.
  const name = browser.jar.size === 0 && dice.share() < 0.8 ? 'sign-in' : chooseAction(dice)
  const turn = { run, number, name, browser, dice: createDice(`${run.seed} action ${number}`) }
  await takeTurn(turn, () => act(turn, name))
}

/** Compares every browser with what it should be, some at the same time. */
export async function checkAll(run: Run, lanes: number): Promise<void> {
  const left = [...run.browsers]
  const lane = async () => {
    for (let browser = left.shift(); browser; browser = left.shift()) await checkOne(run, browser)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

function checkOne(run: Run, browser: RunBrowser): Promise<void> {
  const dice = createDice(`${run.seed} check of ${browser.name}`)
  const turn = { run, number: run.counts.actions, name: 'last check', browser, dice }
  return takeTurn(turn, () => checkAtLast(turn))
}

async function takeTurn(turn: Turn, work: () => Promise<void>): Promise<void> {
  turn.browser.isBusy = true
  try {
    await work()
  } catch (error) {
    const stack = error instanceof Error ? error.stack : undefined
    lose(turn, 'no error of the run itself', stack ?? String(error))
  } finally {
    turn.browser.isBusy = false
  }
}
