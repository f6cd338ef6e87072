# Paying.

due-label = Was Sie zahlen
due-to = an { $payee }
due-item = Artikel
due-ship_to = Geht an
due-promised = Zugesagt für

checkout-title = { $amount } an { $payee } zahlen
checkout-sign_in = Zum Zahlen anmelden
checkout-sign_in_why = Ihre Zahlung wartet hier.
checkout-review = Mit einem Lächeln zahlen
checkout-review_how = Einmal drücken, dann in die Kamera schauen und tun, was sie sagt. Ihr Lächeln sagt Ja zu diesem Betrag.
checkout-pay = { $amount } an { $payee } zahlen
checkout-no_face = Mit dem Gesicht zahlen
checkout-no_face_why = Ihre Geldbörse kennt Ihr Gesicht noch nicht. Es hinzuzufügen dauert eine halbe Minute, dann geht es hier weiter.
checkout-enrol = Mein Gesicht hinzufügen
checkout-opening = Die Kamera wird geöffnet
checkout-opening_how = Wenn Ihr Browser fragt, erlauben Sie die Kamera.
checkout-speak = Mit der Stimme zahlen
checkout-speak_how = Einmal drücken, dann die Ziffern sprechen, die erscheinen. Ihre Stimme sagt Ja zu diesem Betrag.
checkout-words = Wörter statt Ziffern sagen

other-link = Anders zahlen
other-title = Anders zahlen
other-why = Jeder dieser Wege bestätigt die Zahlung.
other-step_title = Noch ein Nachweis
other-step_why = Damit sicher ist, dass Sie es sind, bestätigen Sie bitte auf einem weiteren Weg.
other-back = Zurück
other-passkey = Mit einem Passkey zahlen
other-face = Mit dem Gesicht
other-otp = Mit dem Code zahlen

paid-title = Bezahlt
paid-next = Ihr Beleg kommt.
paid-receipt = Beleg
paid-say = Bezahlt. Danke.

retake-title = Versuchen wir es noch einmal
retake-now = Jetzt noch einmal
retake-lost = Die Verbindung war unterbrochen. Es wurde nichts bezahlt.
retake-count = Neuer Versuch in { $n } s

refused-title = Diesmal nicht bezahlt
refused-why = Wir konnten diese Zahlung mit der Kamera nicht bestätigen.
refused-safe = Es ist kein Geld geflossen. Die Bestellung wartet auf Sie.

blocked-title = Die Kamera ist gesperrt
blocked-why = Erlauben Sie die Kamera für diese Seite in der Adresszeile des Browsers, dann versuchen Sie es noch einmal.
blocked-none_title = Keine Kamera gefunden
blocked-none_why = Schließen Sie eine Kamera an oder öffnen Sie diese Seite auf dem Telefon.
blocked-busy_title = Die Kamera ist belegt
blocked-busy_why = Ein anderes Programm scheint sie zu benutzen. Schließen Sie es und versuchen Sie es noch einmal.
blocked-insecure_title = Die Kamera braucht eine sichere Seite
blocked-insecure_why = Öffnen Sie diese Seite mit https, oder auf diesem Rechner mit localhost.
blocked-mic_title = Das Mikrofon ist gesperrt
blocked-mic_why = Erlauben Sie das Mikrofon für diese Seite in der Adresszeile des Browsers, dann versuchen Sie es noch einmal.
blocked-mic_none_title = Kein Mikrofon gefunden
blocked-mic_none_why = Schließen Sie ein Mikrofon an oder öffnen Sie diese Seite auf dem Telefon, dann versuchen Sie es noch einmal.
blocked-mic_busy_title = Das Mikrofon ist belegt
blocked-mic_busy_why = Ein anderes Programm scheint das Mikrofon zu benutzen. Schließen Sie es und versuchen Sie es noch einmal.
blocked-again = Noch einmal

offline-banner = Sie sind offline. Es wird nichts bezahlt, bis die Verbindung wieder da ist.
offline-title = Keine Verbindung
offline-why = Es wurde nichts bezahlt. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.

expired-title = Diese Zahlung ist abgelaufen
expired-why = Es ist kein Geld geflossen. Beginnen Sie im Shop von vorn.
expired-shop = Zurück zum Shop

done-title = Schon bezahlt
done-why = Diese Bestellung ist fertig. Es ist nichts mehr zu tun.

error-generic = Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.
error-sign_in = E-Mail oder Passphrase stimmt nicht.
error-passkey = Dieser Passkey ist hier nicht bekannt. Melden Sie sich mit der Passphrase an.

ways-title = Wenn Ihnen etwas schwerfällt
ways-smile = Sie können nicht lächeln oder den Kopf drehen?
ways-smile_how = In der Geldbörse können Sie abschalten, was Sie nicht können. Oder drücken Sie „Anders zahlen“: Ein Passkey, Ihre Stimme, Ihre Passphrase oder ein Code aus einer App zahlt denselben Betrag zum selben Preis.
ways-blink = Sie können nicht blinzeln oder die Augen offen halten?
ways-blink_how = Niemand verlangt ein Blinzeln. Wenn die Kamera Ihre Augen sehen möchte und nicht kann, zahlen Sie anders.
ways-see = Sie können die Seite nicht sehen?
ways-see_how = Jeder Schritt wird angesagt, und Ihr Vorleseprogramm liest ihn ebenfalls vor. Die Taste „Ansage an“ schaltet unsere Stimme.
ways-hear = Sie können nicht hören?
ways-hear_how = Jedes Wort, das gesprochen wird, steht zugleich auf der Seite.
ways-hold = Sie können kein Telefon halten?
ways-hold_how = Lehnen Sie es an oder nehmen Sie die Kamera eines Computers. Nach dem einen Druck braucht nichts mehr eine Hand, und ein neuer Versuch beginnt von selbst.
ways-speak = Sie können nicht sprechen?
ways-speak_how = Das müssen Sie nie. Sprechen ist einer von mehreren Wegen.
ways-time = Sie brauchen mehr Zeit?
ways-time_how = Wenn ein Versuch mit der Kamera abläuft, beginnt ein neuer. Passkey, Passphrase und Code haben keine eigene Uhr.

checkout-show = Mit Tattoo oder Haustier zahlen
checkout-show_how = Einmal drücken, dann die Kamera darauf richten und tun, was sie sagt. Das heißt Ja zu diesem Betrag.
