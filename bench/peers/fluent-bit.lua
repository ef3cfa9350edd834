-- Five fields to the shape that Affiant gives all of them; the rest of the record stays beside them.
function normalise(tag, timestamp, record)
  local event = {
    schema = "audit-event/1",
    time = record.ts,
    actor = { id = record.user and record.user.id, name = record.user and record.user.name },
    action = record.event,
    targets = { record.resource },
    outcome = { result = record.result },
    request = { id = record.request_id },
  }
  record.ts, record.user, record.event, record.resource, record.result, record.request_id = nil, nil, nil, nil, nil, nil
  event.unmapped = record
  return 2, timestamp, event
end
