# Signing in and up, adding a face or a voice.

field-name = Name
field-email = Email
field-passphrase = Passphrase
field-missing = Please fill in: { $field }.
field-email_wrong = This email address does not look complete.
field-short = Please use at least { $n } characters.
field-code = Code from the app

sign_in-title = Sign in
sign_in-lead = Your wallet, your payments, your face: only for you.
sign_in-do = Sign in
sign_in-new = New here?
sign_in-sign_up = Open a wallet
sign_in-passkey = Sign in with a passkey

sign_up-title = Open a wallet
sign_up-lead = It takes a minute. Your face comes later, and only if you want.
sign_up-do = Open the wallet
sign_up-have = Have a wallet already?
sign_up-note = At least { $n } characters. A few words you remember are best. It always works when your face does not.

enrol-title = Add your face
enrol-renew_title = Renew your face
enrol-lead = Half a minute with your camera, then you pay with a smile.
enrol-kept = What is kept
enrol-kept_what = Numbers computed from a few pictures, encrypted. The pictures themselves are dropped at once.
enrol-long = How long
enrol-long_what = Until you erase them.
enrol-back = How to take it back
enrol-back_what = Wallet, then Erase. The key is destroyed, so nobody can read the numbers again, not even from a backup.
enrol-limit = What it may do
enrol-limit_what = Pay from your wallet, nothing else. On the first day small amounts only. You can always pay another way.
enrol-all = Read all of it
enrol-minor = For somebody under 14
enrol-minor_why = A parent or guardian with a wallet here agrees. Of the birthday only the day of turning 14 is kept.
enrol-born = Birthday
enrol-guardian_email = Email of the parent or guardian
enrol-guardian_passphrase = Their passphrase
enrol-consent_missing = Please tick the box if you agree. Without it nothing is kept.
enrol-fresh = To be sure that it is you who adds a face.
enrol-do = Open the camera
enrol-cancel = Not now
enrol-stop = Stop
enrol-lost = The connection was interrupted. Nothing was kept.
enrol-views = { $kept } of { $of } pictures are good

enrol_voice-title = Add your voice
enrol_voice-renew_title = Renew your voice
enrol_voice-lead = Say three rows of digits, then you can pay by speaking.
enrol_voice-kept_what = Numbers computed from what you say, encrypted. The sound itself is dropped at once.
enrol_voice-limit_what = Pay small amounts from your wallet; larger ones ask for one more proof. On the first day always. You can always pay another way.
enrol_voice-fresh = To be sure that it is you who adds a voice.
enrol_voice-do = Open the microphone
enrol_voice-views = { $kept } of { $of } rows are good

enrolled-title = Your face is set
enrolled-why = From now on, a smile is enough.
enrolled-to_wallet = On to your wallet.
enrolled-to_payment = Back to your payment.

enrolled_voice-title = Your voice is set
enrolled_voice-why = From now on you can pay by speaking.

enrol_object-title = Add a tattoo or a pet
enrol_object-renew_title = Renew your tattoo or pet
enrol_object-lead = Five pictures with the camera on the back of your phone, then you can pay small amounts by showing it.
enrol_object-limit_what = Pay small amounts from your wallet; larger ones ask for one more proof, and so does the first day. Others can photograph it, so it never counts for more. You can always pay another way.
enrol_object-fresh = To be sure that it is you who adds it.
object-tips = Good pictures
object-tip_frame = It fills the square, all of it inside.
object-tip_light = Even light, no lamp or flash mirrored in it.
object-tip_still = Hold still until it is sharp.
object-tip_pet = Of a dog or a cat: the face, from the front.
object-which = What do you want to show?
object-tattoo = A tattoo
object-pet = My pet, a dog or a cat
object-which_missing = Please choose what you want to show.
enrolled_object-title = It is set
enrolled_object-why = From now on you can pay by showing it.
