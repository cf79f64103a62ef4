import {
  Button,
  Checkbox,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useT } from '../../i18n/i18n.tsx'
import type { Person } from '../../media/people.ts'
import type { RoomActions } from '../actions.ts'

/** Asks before somebody is removed, and whether they may come back. */
export function RemoveDialog({ person, close, actions }: { person: Person | null; close: () => void; actions: RoomActions }) {
  const t = useT()
  const [mayReturn, setMayReturn] = useState(false)
  return (
    <Dialog open={person !== null} onOpenChange={(_, data) => !data.open && close()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t('people.removeTitle', { name: person?.name ?? '' })}</DialogTitle>
          <DialogContent>
            <p>{t('people.removeText')}</p>
            <Checkbox
              label={t('people.mayReturn')}
              checked={mayReturn}
              onChange={(_, data) => setMayReturn(data.checked === true)}
            />
          </DialogContent>
          <DialogActions>
            <Button onClick={close}>{t('common.cancel')}</Button>
            <Button
              appearance="primary"
              onClick={() => {
                if (person) void actions.attempt(actions.door.client.remove(person.identity, mayReturn))
                close()
              }}
            >
              {t('people.remove')}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}

/** Asks before the meeting is ended for everyone. */
export function EndDialog({ open, close, actions }: { open: boolean; close: () => void; actions: RoomActions }) {
  const t = useT()
  return (
    <Dialog open={open} onOpenChange={(_, data) => !data.open && close()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t('people.endTitle')}</DialogTitle>
          <DialogContent>{t('people.endText')}</DialogContent>
          <DialogActions>
            <Button onClick={close}>{t('common.cancel')}</Button>
            <Button
              appearance="primary"
              onClick={() => {
                void actions.attempt(actions.door.client.end())
                close()
              }}
            >
              {t('people.end')}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  )
}
