import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The server renders the HTML around the application and finds the files through the manifest (entry src/main.tsx).
export default defineConfig({
  plugins: [react()],
  build: {
    manifest: true,
    outDir: 'dist',
    emptyOutDir: true,
    // A strict Content-Security-Policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: { input: 'src/main.tsx' },
    chunkSizeWarningLimit: 800,
  },
})
