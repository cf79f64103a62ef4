import qrcode from 'qrcode'
import { useMemo } from 'react'

/** A QR code drawn as one path; dark on light in every theme, because many readers need it so. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const { modules } = qrcode.create(text, { errorCorrectionLevel: 'M' })
    let drawn = ''
    for (let y = 0; y < modules.size; y += 1) {
      for (let x = 0; x < modules.size; x += 1) if (modules.get(y, x)) drawn += `M${x} ${y}h1v1h-1z`
    }
    return { size: modules.size, path: drawn }
  }, [text])
  return (
    <svg className="qr" viewBox={`-4 -4 ${size + 8} ${size + 8}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect x={-4} y={-4} width={size + 8} height={size + 8} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
