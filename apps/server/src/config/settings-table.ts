import { readFileSync, writeFileSync } from 'node:fs'
import { settings } from './settings.ts'

const readmePath = new URL('../../../../README.md', import.meta.url)
const [begin, end] = ['<!-- settings -->', '<!-- /settings -->']

/** The README's table of settings, made from the table that validates them. */
export function settingsTable(): string {
  const rows = Object.entries(settings).map(
    ([name, { about, default: fallback }]) => `| \`${name}\` | ${cell(about)} | ${cell(fallback)} |`,
  )
  return ['| setting | decides | when absent |', '| --- | --- | --- |', ...rows].join('\n')
}

/** Markdown would read `|` and `[…]` as its own. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

/** Whether the README holds the table as it is now; `write` brings it up to date. */
export function readmeIsCurrent(write: boolean): boolean {
  const readme = readFileSync(readmePath, 'utf8')
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)]
  const current = `${readme.slice(0, from)}${begin}\n${settingsTable()}\n${readme.slice(to)}`
  if (write && current !== readme) writeFileSync(readmePath, current)
  return from >= 0 && current === readme
}

if (import.meta.main) readmeIsCurrent(true)
