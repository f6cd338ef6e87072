# Receipt, order, privacy, and pages that cannot be shown.

receipt-title = Beleg
receipt-paid = Bezahlt
receipt-held = Für den Händler reserviert
receipt-released = Zurückgegeben
receipt-refunded_all = Erstattet
receipt-refunded_part = Teilweise erstattet
receipt-back = { $amount } sind in Ihre Geldbörse zurückgekommen.
receipt-payer = Bezahlt von
receipt-when = Bezahlt am
receipt-methods = Bestätigt mit
receipt-decided = Entscheidung
receipt-decided_what = Nur für diesen Betrag und diesen Empfänger erlaubt
receipt-order = Bestellung verfolgen
receipt-print = Drucken

order-title = Bestellung
order-promise = Bis { $date } am Ziel: { $to }.
order-trail = Wo sie ist
order-done = (erledigt)
order-placed = Bestellt und bezahlt
order-packed = Unterwegs
order-packed_what = In steifem Karton, als Brief verschickt
order-delivered = Zugestellt
order-delivered_by = Zugesagt für { $date }
order-status-pending = Bestellung eingegangen
order-status-shipped = Unterwegs
order-status-delivered = Zugestellt
order-status-refunded = Erstattet
order-seller = Verkäufer
order-amount = Betrag

problem-not_found = Diese Seite gibt es nicht
problem-not_found_why = Die Adresse ist vielleicht vertippt, oder was hier war, ist weg.
problem-forbidden = Diese Seite ist für Sie nicht zugänglich
problem-forbidden_why = Melden Sie sich mit der Geldbörse an, zu der sie gehört, oder bitten Sie den Shop um einen neuen Link.
problem-expired = Dieser Link ist abgelaufen
problem-expired_why = Es ist kein Geld geflossen. Beginnen Sie im Shop von vorn.
problem-broken = Bei uns ist etwas schiefgegangen
problem-broken_why = Dadurch wurde nichts bezahlt. Bitte versuchen Sie es gleich noch einmal.
problem-busy = Zu viele Versuche
problem-busy_why = Bitte warten Sie eine Minute und versuchen Sie es noch einmal.
problem-closed = Der Shop ist geschlossen
problem-closed_why = Er kann gerade nichts verkaufen. Bitte kommen Sie später wieder.

privacy-title = Ihr Gesicht bleibt Ihres
privacy-lead = Was wir behalten, wozu, wie lange, und wie Sie es zurücknehmen.
privacy-1 = Was behalten wird
privacy-1-1 = Wenn Sie Ihr Gesicht hinzufügen, berechnen wir aus wenigen Bildern eine kurze Reihe von Zahlen und behalten diese, verschlüsselt mit einem eigenen Schlüssel. Die Bilder werden verworfen, sobald die Zahlen da sind.
privacy-1-2 = Wenn Sie zahlen, werden die Bilder dieses Augenblicks verglichen und verworfen. Kein Bild und kein Ähnlichkeitswert wird gespeichert oder gezeigt, auch nicht dem Shop.
privacy-2 = Was der Shop erfährt
privacy-2-1 = Dass er bezahlt ist, wofür, und wohin die Ware geht. Nicht Ihr Gesicht, nicht Ihre Zahlen, nicht, wie entschieden wurde.
privacy-3 = Wie Sie es zurücknehmen
privacy-3-1 = Wählen Sie in der Geldbörse Löschen. Der Schlüssel wird sofort vernichtet; was bleibt, ist nicht lesbar, auch nicht aus einer Sicherung. Ein Nachweis der Löschung bleibt im Protokoll, ohne Ihre Daten.
privacy-3-2 = Sie brauchen nie ein Gesicht, um zu zahlen: Passphrase, Passkey und Einmalcode stehen daneben, für jeden Betrag.
privacy-4 = Wo
privacy-4-1 = Alles läuft auf dem Rechner, der diese Seite liefert. Nichts wird an andere gesendet, und diese Seite lädt nichts von anderswo.

region-china = Betrieben nach den Regeln Chinas: Das Gesicht ist nie der einzige Weg, die Grenzen folgen den Stufen der Chinesischen Volksbank.
region-eu = Betrieben nach den Regeln der Europäischen Union: starke Kundenauthentifizierung, Grenzen nach ihren technischen Standards.
region-title = Regeln
region-ways = Zahlungswege, die hier offen sind: { $ways }.
