// Every regular expression of the product must run in linear time: one that does not lets a stranger's text stand the
// server still. `npm run check` runs this.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RegExpParser, visitRegExpAST } from '@eslint-community/regexpp'
import { parseSync } from 'oxc-parser'
import { getFirstConsumedChar, isPotentiallyEmpty } from 'regexp-ast-analysis'
import { analyse } from 'scslre'
import { globSync } from './glob.mjs'
import { bounded } from './regexps-bounded.mjs'
import { root } from './setup.mjs'

const folders = ['apps', 'packages', 'scripts']
const sources = /(?<!\.test|\.d)\.(?:tsx?|mjs|mts)$/

/**
 * The regular expressions of a source file, as `{ line, pattern, flags }`; those made at run time as `{ line, built }`,
 * and so are calls of `normalize`, whose time is quadratic in a run of combining marks.
 * @param {string} path Its name; the ending says which language it is.
 * @param {string} text
 */
export function expressionsOf(path, text) {
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`)
  const found = []
  const lineAt = (offset) => text.slice(0, offset).split('\n').length
  const walk = (node) => {
    if (typeof node !== 'object' || node === null) return
    if (Array.isArray(node)) return node.forEach(walk)
    if (node.type === 'Literal' && node.regex) found.push({ line: lineAt(node.start), ...node.regex })
    const called = node.type === 'NewExpression' || node.type === 'CallExpression' ? node.callee : undefined
    const isNormalize = called?.type === 'MemberExpression' && called.property.name === 'normalize'
    if (isNormalize || (called?.type === 'Identifier' && called.name === 'RegExp'))
      found.push({ line: lineAt(node.start), built: text.slice(node.start, node.end) })
    Object.values(node).forEach(walk)
  }
  walk(program)
  return found
}

/**
 * What makes an expression slower than linear, in words; undefined when nothing does.
 * @param {string} pattern
 * @param {string} flags
 */
export function slowness(pattern, flags) {
  const parser = new RegExpParser()
  const read = parser.parseFlags(flags)
  const ast = parser.parsePattern(pattern, undefined, undefined, { unicode: read.unicode, unicodeSets: read.unicodeSets })
  const { reports } = analyse({ pattern: ast, flags: read })
  const worst = reports.find(({ exponential }) => exponential) ?? reports[0]
  if (worst === undefined) return sharesAlternatives(ast, read) ? 'repeats alternatives that begin alike' : undefined
  if (worst.exponential) return 'takes exponential time'
  return worst.type === 'Move' ? 'starts again at each character of a long run' : 'can share one long run in many ways'
}

/**
 * Whether alternatives that are repeated begin with the same character, or one is empty: then a text can be read in many
 * ways, which the analyser does not look at. Stricter than need be; write such an expression otherwise.
 */
function sharesAlternatives(ast, flags) {
  let found = false
  const check = ({ alternatives }) => {
    if (alternatives.length < 2) return
    if (alternatives.some((each) => isPotentiallyEmpty(each, flags))) found = true
    const firsts = alternatives.map((each) => getFirstConsumedChar(each, 'ltr', flags).char)
    if (firsts.some((each, index) => firsts.slice(index + 1).some((other) => !each.isDisjointWith(other)))) found = true
  }
  visitRegExpAST(ast, {
    onQuantifierEnter(quantifier) {
      // A few tries multiply the time; only a run that has no end, or nearly none, raises its power.
      if (quantifier.max > 4) visitRegExpAST(quantifier.element, { onGroupEnter: check, onCapturingGroupEnter: check })
    },
  })
  return found
}

/** All faults of the repository, each a line of text; empty when every expression is linear or has its bound written down. */
export function checkRegexps() {
  const faults = []
  const unused = new Set(bounded)
  for (const path of globSync(root, folders, sources))
    for (const { line, pattern, flags, built } of expressionsOf(path, readFileSync(join(root, path), 'utf8'))) {
      const text = built ?? `/${pattern}/${flags}`
      const exception = bounded.find((each) => each.path === path && each.text === text)
      if (exception !== undefined) unused.delete(exception)
      else if (built !== undefined) faults.push(`${path}:${line} ${text} can be slow: say in regexps-bounded.mjs why it is not`)
      else {
        const why = slowness(pattern, flags)
        if (why !== undefined) faults.push(`${path}:${line} ${text} ${why}`)
      }
    }
  for (const { path, text } of unused) faults.push(`scripts/regexps-bounded.mjs: ${path} has no ${text} any more`)
  return faults
}

/** Print the faults and end the process when there are any. */
export function requireLinearRegexps() {
  const faults = checkRegexps()
  for (const fault of faults) console.error(fault)
  if (faults.length > 0) process.exit(1)
}

if (process.argv[1]?.endsWith('regexps.mjs')) requireLinearRegexps()
