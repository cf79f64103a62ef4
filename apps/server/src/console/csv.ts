/**
 * A CSV file (RFC 4180) that spreadsheets open as it is: UTF-8 with a mark, CRLF, every value quoted. A value that a
 * spreadsheet would compute (`=`, `+`, `-`, `@` first, also at full width) is told to be text.
 */
export function csv(rows: readonly (readonly (string | number | null)[])[]): string {
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  const harmless = typeof value === 'string' && /^\s*[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text
  return `"${harmless.replaceAll('"', '""')}"`
}
