# Paying.

due-label = What you pay
due-to = to { $payee }
due-item = Item
due-ship_to = Goes to
due-promised = Promised for

checkout-title = Pay { $amount } to { $payee }
checkout-sign_in = Sign in to pay
checkout-sign_in_why = Your payment waits here.
checkout-review = Pay with a smile
checkout-review_how = Press once, then look at the camera and do what it says. Your smile says yes to this amount.
checkout-pay = Pay { $amount } to { $payee }
checkout-no_face = Pay with your face
checkout-no_face_why = Your wallet does not know your face yet. Adding it takes half a minute, then you come back here.
checkout-enrol = Add my face
checkout-opening = Opening the camera
checkout-opening_how = If your browser asks, allow the camera.
checkout-speak = Pay by speaking
checkout-speak_how = Press once, then say the digits that appear. Your voice says yes to this amount.

other-link = Another way to pay
other-title = Another way to pay
other-why = Any one of these confirms this payment.
other-step_title = One more proof
other-step_why = To be sure that it is you, please confirm in one more way.
other-back = Back
other-passkey = Pay with a passkey
other-face = With your face
other-otp = Pay with the code

paid-title = Paid
paid-next = Your receipt is coming.
paid-receipt = Receipt
paid-say = Paid. Thank you.

retake-title = Let us try once more
retake-now = Try again now
retake-lost = The connection was interrupted. Nothing was paid.
retake-count = Starting again in { $n }

refused-title = Not paid this time
refused-why = We could not confirm this payment with the camera.
refused-safe = No money has moved. The order waits for you.

blocked-title = The camera is blocked
blocked-why = Allow the camera for this page in your browser’s address bar, then try again.
blocked-none_title = No camera found
blocked-none_why = Connect a camera or open this page on your phone, then try again.
blocked-busy_title = The camera is busy
blocked-busy_why = Another program seems to use the camera. Close it, then try again.
blocked-insecure_title = The camera needs a secure page
blocked-insecure_why = Open this page by https, or on this computer by localhost.
blocked-mic_title = The microphone is blocked
blocked-mic_why = Allow the microphone for this page in your browser’s address bar, then try again.
blocked-mic_none_title = No microphone found
blocked-mic_none_why = Connect a microphone or open this page on your phone, then try again.
blocked-mic_busy_title = The microphone is busy
blocked-mic_busy_why = Another program seems to use the microphone. Close it, then try again.
blocked-again = Try again

offline-banner = You are offline. Nothing is paid until the connection is back.
offline-title = No connection
offline-why = Nothing was paid. Check your connection, then try again.

expired-title = This payment has expired
expired-why = No money has moved. Start again from the shop.
expired-shop = Back to the shop

done-title = Already paid
done-why = This order is complete. Nothing more to do.

error-generic = That did not work. Please try again.
error-sign_in = Email or passphrase is not right.
error-passkey = This passkey is not known here. Sign in with your passphrase.
