# Signing in and up, adding a face or a voice.

field-name = Name
field-email = E-Mail
field-passphrase = Passphrase
field-missing = Bitte ausfüllen: { $field }.
field-email_wrong = Diese E-Mail-Adresse scheint nicht vollständig zu sein.
field-short = Bitte mindestens { $n } Zeichen.
field-code = Code aus der App

sign_in-title = Anmelden
sign_in-lead = Ihre Geldbörse, Ihre Zahlungen, Ihr Gesicht: nur für Sie.
sign_in-do = Anmelden
sign_in-new = Neu hier?
sign_in-sign_up = Geldbörse eröffnen
sign_in-passkey = Mit einem Passkey anmelden

sign_up-title = Geldbörse eröffnen
sign_up-lead = Das dauert eine Minute. Ihr Gesicht kommt später, und nur wenn Sie wollen.
sign_up-do = Geldbörse eröffnen
sign_up-have = Schon eine Geldbörse?
sign_up-note = Mindestens { $n } Zeichen. Am besten ein paar Wörter, die Sie behalten. Sie gilt immer, auch wenn Ihr Gesicht nicht geht.

enrol-title = Gesicht hinzufügen
enrol-renew_title = Gesicht erneuern
enrol-lead = Eine halbe Minute mit der Kamera, dann zahlen Sie mit einem Lächeln.
enrol-kept = Was behalten wird
enrol-kept_what = Zahlen, aus wenigen Bildern berechnet und verschlüsselt. Die Bilder selbst werden sofort verworfen.
enrol-long = Wie lange
enrol-long_what = Bis Sie sie löschen.
enrol-back = Wie Sie es zurücknehmen
enrol-back_what = Geldbörse, dann Löschen. Der Schlüssel wird vernichtet; niemand kann die Zahlen je wieder lesen, auch nicht aus einer Sicherung.
enrol-limit = Was es darf
enrol-limit_what = Aus Ihrer Geldbörse zahlen, sonst nichts. Am ersten Tag nur kleine Beträge. Anders zahlen geht immer.
enrol-all = Alles lesen
enrol-minor = Für jemanden unter 14 Jahren
enrol-minor_why = Ein Elternteil oder Vormund mit einer Geldbörse hier willigt ein. Vom Geburtstag wird nur der Tag behalten, an dem jemand 14 wird.
enrol-born = Geburtstag
enrol-guardian_email = E-Mail des Elternteils oder Vormunds
enrol-guardian_passphrase = Deren Passphrase
enrol-consent_missing = Bitte setzen Sie das Häkchen, wenn Sie einverstanden sind. Ohne es wird nichts behalten.
enrol-fresh = Damit sicher ist, dass Sie selbst das Gesicht hinzufügen.
enrol-do = Kamera öffnen
enrol-cancel = Jetzt nicht
enrol-stop = Abbrechen
enrol-lost = Die Verbindung war unterbrochen. Es wurde nichts behalten.
enrol-views = { $kept } von { $of } Bildern sind gut

enrol_voice-title = Stimme hinzufügen
enrol_voice-renew_title = Stimme erneuern
enrol_voice-lead = Sprechen Sie drei Reihen Ziffern, dann können Sie mit der Stimme zahlen.
enrol_voice-kept_what = Zahlen, aus Ihrem Sprechen berechnet und verschlüsselt. Der Ton selbst wird sofort verworfen.
enrol_voice-limit_what = Kleine Beträge aus Ihrer Geldbörse zahlen; größere brauchen noch einen Nachweis, am ersten Tag jeder. Anders zahlen geht immer.
enrol_voice-fresh = Damit sicher ist, dass Sie selbst die Stimme hinzufügen.
enrol_voice-do = Mikrofon öffnen
enrol_voice-views = { $kept } von { $of } Reihen sind gut

enrolled-title = Ihr Gesicht ist eingerichtet
enrolled-why = Ab jetzt genügt ein Lächeln.
enrolled-to_wallet = Weiter zur Geldbörse.
enrolled-to_payment = Zurück zu Ihrer Zahlung.

enrolled_voice-title = Ihre Stimme ist eingerichtet
enrolled_voice-why = Ab jetzt können Sie mit der Stimme zahlen.

enrol_object-title = Tattoo oder Haustier hinzufügen
enrol_object-renew_title = Tattoo oder Haustier erneuern
enrol_object-lead = Fünf Bilder mit der Kamera auf der Rückseite Ihres Telefons, dann zahlen Sie kleine Beträge, indem Sie es zeigen.
enrol_object-limit_what = Kleine Beträge aus Ihrer Geldbörse zahlen; größere brauchen noch einen Nachweis, am ersten Tag jeder. Andere können es fotografieren, darum zählt es nie mehr. Anders zahlen geht immer.
enrol_object-fresh = Damit sicher ist, dass Sie selbst es hinzufügen.
object-tips = Gute Bilder
object-tip_frame = Es füllt das Quadrat und ist ganz darin.
object-tip_light = Gleichmäßiges Licht, keine Lampe und kein Blitz spiegelt sich.
object-tip_still = Ruhig halten, bis es scharf ist.
object-tip_pet = Von Hund oder Katze: das Gesicht von vorn.
object-which = Was möchten Sie zeigen?
object-tattoo = Ein Tattoo
object-pet = Mein Haustier, ein Hund oder eine Katze
object-which_missing = Bitte wählen Sie, was Sie zeigen möchten.
enrolled_object-title = Es ist eingerichtet
enrolled_object-why = Ab jetzt können Sie zahlen, indem Sie es zeigen.
