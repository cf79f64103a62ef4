import {
  DisconnectReason,
  LeaveRequest_Action,
  Pong,
  RequestResponse,
  RequestResponse_Reason,
  type SignalRequest,
  type SubscriptionPermission,
  SubscriptionPermissionUpdate,
  type UpdateParticipantMetadata,
} from '@livekit/protocol'
import { TwirpError } from '../http/twirp-error.ts'
import { checkAttributes, checkMetadata, checkName, mergeAttributes } from './limits.ts'
import type { Participant } from './participant.ts'

/** Acts on one message of a client. Throws SdpError for a malformed offer or answer. */
export function handleSignal(participant: Participant, request: SignalRequest): void {
  const { message } = request
  switch (message.case) {
    case 'offer':
      participant.negotiation.onOffer(message.value)
      return
    case 'answer':
      participant.negotiation.onAnswer(message.value)
      return
    case 'addTrack':
      participant.negotiation.onAddTrack(message.value)
      return
    case 'mute': {
      const track = participant.trackOrPending(message.value.sid)
      if (track !== undefined) participant.room.setMuted(participant, track, message.value.muted)
      return
    }
    case 'subscription': {
      const { trackSids, participantTracks, subscribe } = message.value
      participant.updateSubscriptions([...trackSids, ...participantTracks.flatMap((item) => item.trackSids)], subscribe)
      return
    }
    case 'trackSetting':
      participant.onTrackSettings(message.value)
      return
    case 'leave':
      participant.close(DisconnectReason.CLIENT_INITIATED)
      return
    case 'updateLayers': {
      const track = participant.tracks.get(message.value.trackSid)
      if (track === undefined) return
      track.info.layers = message.value.layers
      participant.room.announce(participant)
      return
    }
    case 'updateAudioTrack': {
      const track = participant.tracks.get(message.value.trackSid)
      if (track === undefined) return
      track.info.audioFeatures = message.value.features
      participant.room.announce(participant)
      return
    }
    case 'updateVideoTrack': {
      const track = participant.tracks.get(message.value.trackSid)
      if (track === undefined) return
      track.info.width = message.value.width
      track.info.height = message.value.height
      participant.room.announce(participant)
      return
    }
    case 'subscriptionPermission':
      applySubscriptionPermission(participant, message.value)
      return
    case 'updateMetadata':
      updateMetadata(participant, message.value)
      return
    case 'ping':
      participant.send({ case: 'pong', value: BigInt(Date.now()) })
      return
    case 'pingReq':
      participant.send({
        case: 'pongResp',
        value: new Pong({ lastPingTimestamp: message.value.timestamp, timestamp: BigInt(Date.now()) }),
      })
      return
    case 'simulate':
      simulate(participant, message.value.scenario.case)
      return
    default:
      // trickle: our end learns candidates from the checks themselves. The rest is not supported and asks for no answer.
      return
  }
}

function updateMetadata(participant: Participant, update: UpdateParticipantMetadata): void {
  const answer = (reason: RequestResponse_Reason, message = ''): void => {
    participant.send({ case: 'requestResponse', value: new RequestResponse({ requestId: update.requestId, reason, message }) })
  }
  if (!participant.grants.canUpdateOwnMetadata) {
    answer(RequestResponse_Reason.NOT_ALLOWED, 'does not have permission to update own metadata')
    return
  }
  const attributes = mergeAttributes(participant.attributes, update.attributes)
  try {
    checkName(update.name)
    checkMetadata(update.metadata)
    checkAttributes(attributes)
  } catch (error) {
    if (!(error instanceof TwirpError)) throw error
    answer(RequestResponse_Reason.LIMIT_EXCEEDED, error.message)
    return
  }
  participant.attributes = attributes
  if (update.name !== '') participant.name = update.name
  if (update.metadata !== '') participant.metadata = update.metadata
  participant.room.announce(participant)
}

function applySubscriptionPermission(participant: Participant, permission: SubscriptionPermission): void {
  participant.subscriptionPermission = permission
  for (const other of participant.room.participants.values()) {
    if (other === participant) continue
    for (const track of participant.tracks.values()) {
      const { sid } = track.info
      const allowed = participant.allowsSubscription(other, sid)
      if (!allowed) other.unsubscribe(sid, false)
      else if (other.wantsAutomatically(track)) other.subscribe(participant, track)
      other.send({
        case: 'subscriptionPermissionUpdate',
        value: new SubscriptionPermissionUpdate({ participantSid: participant.sid, trackSid: sid, allowed }),
      })
    }
  }
}

/** What client developers use to try reconnecting. */
function simulate(participant: Participant, scenario: string | undefined): void {
  if (scenario === 'serverLeave') participant.close(DisconnectReason.SERVER_SHUTDOWN)
  else if (scenario === 'nodeFailure' || scenario === 'migration' || scenario === 'leaveRequestFullReconnect') {
    participant.close(DisconnectReason.MIGRATION, LeaveRequest_Action.RECONNECT)
  }
}
