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
checkout-words = Say words instead of digits

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

ways-title = If something is hard for you
ways-smile = You cannot smile or turn your head?
ways-smile_how = In your wallet you can switch off what you cannot do. Or press “Another way to pay”: a passkey, your voice, your passphrase or a code from an app pays the same amount, at the same price.
ways-blink = You cannot blink, or keep your eyes open?
ways-blink_how = Nothing asks you to blink. If the camera asks to see your eyes and cannot, pay another way.
ways-see = You cannot see the page?
ways-see_how = Each step is spoken, and your screen reader reads it too. The button “Voice on” switches our voice.
ways-hear = You cannot hear?
ways-hear_how = Every word that is spoken is written on the page at the same time.
ways-hold = You cannot hold a phone?
ways-hold_how = Lean it on something, or use a computer’s camera. After the one press nothing needs a hand, and a new try starts by itself.
ways-speak = You cannot speak?
ways-speak_how = You never have to. Speaking is one way among several.
ways-time = You need more time?
ways-time_how = If a try with the camera runs out, a new one starts. Passkey, passphrase and code have no clock of their own.

checkout-show = Pay with your tattoo or pet
checkout-show_how = Press once, then point the camera at it and do what it says. That says yes to this amount.
