# The frame of every page, and the shop.

brand = Smilepay

nav-skip = Zum Inhalt springen
nav-label = Hauptmenü
nav-shop = Shop
nav-wallet = Geldbörse
nav-sign_in = Anmelden

foot-by = Bezahlt mit Smilepay
foot-privacy = Datenschutz

noscript = Mit einem Lächeln zu zahlen braucht JavaScript. Bitte für diese Seite einschalten.

test-mode = Testbetrieb: das ist Spielgeld.

title = { $page } · Smilepay

shop-name = Hannover Philatelie
shop-kicker = Deutschland 1948 · 50 Pfennig
shop-item = Briefmarke der Exportmesse Hannover
shop-stamp_alt = Eine blaue gestochene Briefmarke: der geflügelte Merkurstab vor einem Globus, umrahmt von den Worten Exportmesse Hannover 1948
shop-about = Ein Andenken an die Messe, die den Handel eines Landes wieder öffnete. Der Merkurstab vor dem Globus, einfarbig, aus unserer eigenen Schublade.
shop-how = Sie zahlen, indem Sie in die Kamera schauen und lächeln. Ein anderer Weg ist immer da.
shop-order = Briefmarke der Exportmesse Hannover, 1948
shop-ship_to = Büro des Oberbürgermeisters von Hannover
shop-buy = Für { $price } kaufen
shop-delivery = Lieferung bis { $date }

language-label = Sprache
