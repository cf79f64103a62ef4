/**
 * Expressions (and calls of normalize) that are not linear by construction and may stay: each with what bounds the text they see.
 * `path` from the root of the repository, `text` as it stands in the source.
 */
export const bounded = [
  {
    path: 'apps/server/src/graph/online-meetings/join-link.ts',
    text: 'new RegExp(`"${name}"\\\\s*:\\\\s*"([0-9a-f-]{36})"`, \'i\')',
    bound: 'names are our own; each run of blanks follows a fixed text, and the link has at most 8,192 characters',
  },
  {
    path: 'packages/media/test/harness/page/network.mts',
    text: "new RegExp(` ${from} typ host`, 'g')",
    bound: 'a port number, in a page that only the tests open',
  },
  {
    path: 'apps/server/src/common/compose.ts',
    text: "text.replace(longRun, '$1').normalize('NFC')",
    bound: 'runs of marks are cut first',
  },
  {
    path: 'apps/server/src/common/compose.ts',
    text: "text.replace(longRun, '$1').normalize('NFKD')",
    bound: 'runs of marks are cut first',
  },
  {
    path: 'apps/server/src/identity/secret-hash.ts',
    text: "secret.normalize('NFC')",
    bound: 'at most 1,024 characters',
  },
  {
    path: 'packages/door-api/src/names.ts',
    text: "withoutHidden(name).normalize('NFC')",
    bound: 'runs of marks have been cut to four',
  },
]
