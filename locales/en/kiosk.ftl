# The kiosk of a shop, and what the wallet says of it.

kiosk-title = Kiosk
kiosk-pair = Pair this device
kiosk-pair_why = Make a key with the scope kiosk.pay for this device and paste it here. You can revoke it at any time.
kiosk-key = Key of the kiosk
kiosk-pair_do = Pair
kiosk-pair_wrong = This is not the key of a kiosk.
kiosk-unpair = Unpair this device
kiosk-amount = Amount
kiosk-amount_why = Type what is to be paid.
kiosk-charge = Ask for { $amount }
kiosk-keypad = Keypad
kiosk-delete = Delete the last digit
kiosk-place = At the counter
kiosk-item = Sale at the counter
kiosk-who = The last four digits of your phone number
kiosk-typed = { $n } of 4 digits
kiosk-how = Then look at the camera and do what it says. Your smile says yes to this amount.
kiosk-compared = Your face is compared with the wallets whose number ends in these digits and whose owners agreed. No picture is kept.
kiosk-pay = Pay { $amount } to { $payee }
kiosk-cancel = Cancel
kiosk-nobody = Check the digits
kiosk-proof = One more proof
kiosk-proof_why = To be sure that it is you, please give one of these.
kiosk-proof_do = Confirm
kiosk-paid = Paid. Thank you!
kiosk-next = The next payment
kiosk-refused = Please pay another way
kiosk-ended = This payment is over
kiosk-ended_why = Nothing more can be done with it here.
kiosk-paused = This kiosk takes a short break
kiosk-paused_why = It did not find several people in a row. Please try again in a minute, or pay another way.

wallet-kiosk = At a shop's kiosk
wallet-kiosk_what = Pay without your own device: type the last four digits of your phone number, then smile.
wallet-kiosk_on = Kiosks find you by the last four digits of your number. Nothing else of it is kept.
wallet-kiosk_add = Switch on
wallet-kiosk_stop = Switch off
wallet-kiosk_number = Phone number
wallet-kiosk_do = Switch on
wallet-kiosk_face = You need your face in the wallet first.

consent-kiosk = { $method }, at kiosks
