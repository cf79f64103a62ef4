// npm run pack [folder]: the packages as they are installed elsewhere, each a tarball in .cache/packages (or the folder).
// In the checkout Node runs the TypeScript as it is and needs no build; below node_modules it refuses to
// (ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING), so what is packed is compiled, and its manifest points at that.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root, run, setup } from './setup.mjs'

/** The workspaces that are packages; acceptance and bench are for the checkout alone. */
export const packages = ['packages', 'apps'].flatMap((folder) =>
  readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
)

/** `./src/a/b.ts` of the checkout as the file it is compiled to. */
const compiled = (path) => path.replace(/^\.\/src\/(.*)\.ts$/, './dist/$1.js')

function compiledExport(path) {
  if (!/^\.\/src\/.*\.ts$/.test(path)) return path
  return { types: compiled(path).replace(/\.js$/, '.d.ts'), default: compiled(path) }
}

const mapped = (entries, map) => Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, map(path)]))

/** The manifest of the installed package, from that of the checkout, which stays `private` so that it cannot be published. */
export function packedManifest({ private: _, scripts: _scripts, devDependencies: _tools, publishConfig = {}, ...manifest }) {
  return {
    ...manifest,
    ...(manifest.exports && { exports: mapped(manifest.exports, compiledExport) }),
    ...(manifest.imports && { imports: mapped(manifest.imports, compiled) }),
    // Not `bin` of the checkout: npm would link it there, and run it with whatever Node the machine has.
    ...(publishConfig.bin && { bin: mapped(publishConfig.bin, compiled) }),
  }
}

/** Compile everything at once into `.cache/build`, in the folders of the checkout. */
function compile(node) {
  const build = join(root, '.cache', 'build')
  rmSync(build, { recursive: true, force: true })
  run(node, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json'])
  return build
}

/** Whether a file of src goes along beside what was compiled of it: pictures, style sheets and the like. */
const isData = (path) => !/\.[cm]?tsx?$/.test(path)

/** Lay a package out as it will be installed; returns the folder. */
function layOut(folder, build) {
  const from = join(root, folder)
  const to = join(root, '.cache', 'packing', folder)
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  writeFileSync(join(to, 'package.json'), `${JSON.stringify(packedManifest(manifest), null, 2)}\n`)
  cpSync(join(root, 'LICENSE'), join(to, 'LICENSE'))
  cpSync(join(from, 'README.md'), join(to, 'README.md'))
  const source = join(build, folder, 'src')
  if (manifest.name !== '@parley/web') {
    cpSync(join(from, 'src'), join(to, 'dist'), {
      recursive: true,
      filter: (path) => !/\.[^/\\.]+$/.test(path) || isData(path),
    })
    cpSync(source, join(to, 'dist'), { recursive: true })
  }
  // What `files` names beside dist; for the pages dist itself is what Vite built.
  for (const path of manifest.files)
    if (path !== 'dist' || manifest.name === '@parley/web') cpSync(join(from, path), join(to, path), { recursive: true })
  return to
}

/** Pack every package into a folder, replacing what is there. */
function pack(destination = join(root, '.cache', 'packages')) {
  const node = setup()
  const build = compile(node)
  rmSync(destination, { recursive: true, force: true })
  mkdirSync(destination, { recursive: true })
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const folders = packages.map((folder) => layOut(folder, build))
  run(npm, ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', destination, ...folders], {
    stdio: ['ignore', 2, 'inherit'],
  })
  return destination
}

if (process.argv[1]?.endsWith('pack.mjs')) console.log(pack(process.argv[2] && resolve(process.argv[2])))
