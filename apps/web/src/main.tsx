import './styles/base.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { readPageData } from './page-data.ts'

const place = document.getElementById('app')
if (place) {
  const data = readPageData(document.getElementById('parley')?.textContent)
  createRoot(place).render(<App data={data} />)
}
