import { safeName } from './safe-name.ts'

/** Somebody's name, shown so that its direction and characters cannot disturb what stands around it. */
export function Name({ name, className }: { name: string; className?: string }) {
  return (
    <bdi className={className} dir="auto">
      {safeName(name)}
    </bdi>
  )
}
