# Der Kiosk eines Shops, und was die Geldbörse dazu sagt.

kiosk-title = Zahlen am Kiosk
kiosk-pair = Dieses Gerät verbinden
kiosk-pair_why = Erzeugen Sie für dieses Gerät einen Schlüssel mit dem Recht kiosk.pay und fügen Sie ihn hier ein. Er lässt sich jederzeit widerrufen.
kiosk-key = Schlüssel des Kiosks
kiosk-pair_do = Verbinden
kiosk-pair_wrong = Das ist nicht der Schlüssel eines Kiosks.
kiosk-unpair = Gerät trennen
kiosk-amount = Betrag
kiosk-amount_why = Tippen Sie ein, was zu zahlen ist.
kiosk-charge = { $amount } verlangen
kiosk-keypad = Ziffernfeld
kiosk-delete = Letzte Ziffer löschen
kiosk-place = An der Kasse
kiosk-item = Verkauf an der Kasse
kiosk-who = Die letzten vier Ziffern Ihrer Telefonnummer
kiosk-typed = { $n } von 4 Ziffern
kiosk-how = Danach in die Kamera schauen und tun, was sie sagt. Ihr Lächeln sagt ja zu diesem Betrag.
kiosk-compared = Ihr Gesicht wird mit den Geldbörsen verglichen, deren Nummer auf diese Ziffern endet und deren Besitzer eingewilligt haben. Kein Bild wird behalten.
kiosk-pay = { $amount } an { $payee } zahlen
kiosk-cancel = Abbrechen
kiosk-nobody = Bitte Ziffern prüfen
kiosk-proof = Noch ein Nachweis
kiosk-proof_why = Damit sicher ist, dass Sie es sind, geben Sie bitte eines davon an.
kiosk-proof_do = Bestätigen
kiosk-paid = Bezahlt. Danke!
kiosk-next = Nächste Zahlung
kiosk-refused = Bitte auf einem anderen Weg zahlen
kiosk-ended = Diese Zahlung ist beendet
kiosk-ended_why = Hier lässt sich damit nichts mehr tun.
kiosk-paused = Dieser Kiosk macht eine kurze Pause
kiosk-paused_why = Er hat mehrmals hintereinander niemanden gefunden. Bitte versuchen Sie es in einer Minute noch einmal, oder zahlen Sie auf einem anderen Weg.

wallet-kiosk = Am Kiosk eines Shops
wallet-kiosk_what = Zahlen ohne eigenes Gerät: die letzten vier Ziffern Ihrer Telefonnummer tippen, dann lächeln.
wallet-kiosk_on = Kioske finden Sie über die letzten vier Ziffern Ihrer Nummer. Sonst wird von ihr nichts behalten.
wallet-kiosk_add = Einschalten
wallet-kiosk_stop = Ausschalten
wallet-kiosk_number = Telefonnummer
wallet-kiosk_do = Einschalten
wallet-kiosk_face = Zuerst muss Ihr Gesicht in der Geldbörse sein.

consent-kiosk = { $method }, an Kiosken
