/** Renders a component as the server does, without scripts: what a browser gets to see first. */
import { createElement, type FunctionComponent } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { prerender } from 'react-dom/static'

/** The HTML of a component with these props. */
export function render<Props extends object>(component: FunctionComponent<Props>, props: Props): string {
  return renderToStaticMarkup(createElement(component, props))
}

/** The same when everything that the component waits for has come. */
export async function renderSettled<Props extends object>(
  component: FunctionComponent<Props>,
  props: Props,
): Promise<string> {
  const { prelude } = await prerender(createElement(component, props))
  return new Response(prelude).text()
}
