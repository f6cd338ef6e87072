# Receipt, order, privacy, and pages that cannot be shown.

receipt-title = Receipt
receipt-paid = Paid
receipt-held = Reserved for the shop
receipt-released = Given back
receipt-refunded_all = Refunded
receipt-refunded_part = Partly refunded
receipt-back = { $amount } came back to your wallet.
receipt-payer = Paid by
receipt-when = Paid on
receipt-methods = Confirmed with
receipt-decided = Decision
receipt-decided_what = Allowed for this amount and this payee only
receipt-order = Follow the order
receipt-print = Print

order-title = Order
order-promise = By { $date } at the { $to }.
order-trail = Where it is
order-done = (done)
order-placed = Ordered and paid
order-packed = On its way
order-packed_what = Packed in a stiff card, sent as a letter
order-delivered = Delivered
order-delivered_by = Promised for { $date }
order-status-pending = Order received
order-status-shipped = On its way
order-status-delivered = Delivered
order-status-refunded = Refunded
order-seller = Seller
order-amount = Amount

problem-not_found = This page is not here
problem-not_found_why = The address may be mistyped, or what was here is gone.
problem-forbidden = This page is not open to you
problem-forbidden_why = Sign in with the wallet it belongs to, or ask the shop for a new link.
problem-expired = This link has expired
problem-expired_why = No money has moved. Start again from the shop.
problem-broken = Something broke on our side
problem-broken_why = Nothing was paid by this. Please try again in a moment.
problem-busy = Too many tries
problem-busy_why = Please wait a minute, then try again.
problem-closed = The shop is closed
problem-closed_why = It cannot sell at the moment. Please come back later.

privacy-title = Your face stays yours
privacy-lead = What we keep, why, for how long, and how you take it back.
privacy-1 = What is kept
privacy-1-1 = If you add your face, we compute a short list of numbers from a few pictures and keep those numbers, encrypted under a key of their own. The pictures are dropped as soon as the numbers are made.
privacy-1-2 = When you pay, the pictures of that moment are compared and dropped. No picture and no similarity value is stored or shown to anyone, also not to the shop.
privacy-2 = What the shop learns
privacy-2-1 = That it is paid, what for, and where to send it. Not your face, not your numbers, not how the decision was made.
privacy-3 = How you take it back
privacy-3-1 = In your wallet, choose Erase. The key is destroyed at once; what is left cannot be read, also not from a backup. A proof of the erasure stays in the log, without your data.
privacy-3-2 = You never need a face to pay: passphrase, passkey and one-time code stand beside it, for every amount.
privacy-4 = Where
privacy-4-1 = Everything runs on the computer that serves this page. Nothing is sent to anyone else, and this page loads nothing from elsewhere.

region-china = Operated by the rules of China: the face is never the only way, limits follow the tiers of the People’s Bank of China.
region-eu = Operated by the rules of the European Union: strong customer authentication, limits of its technical standards.
region-title = Rules
region-ways = Ways to pay that are open here: { $ways }.
