export { default } from '../../home/page.tsx'

// It waits for the session, so that it is complete without JavaScript.
export const instant = false
