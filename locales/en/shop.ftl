# The frame of every page, and the shop.

brand = Smilepay

nav-skip = Skip to the content
nav-label = Main
nav-shop = Shop
nav-wallet = Wallet
nav-sign_in = Sign in

foot-by = Paid with Smilepay
foot-privacy = Privacy

noscript = Paying with a smile needs JavaScript. Please switch it on for this page.

test-mode = Test mode: this is play money.

title = { $page } · Smilepay

shop-name = Hannover Philatelie
shop-kicker = Germany 1948 · 50 pfennig
shop-item = Hanover export fair stamp
shop-stamp_alt = A blue engraved stamp: the winged staff of Mercury before a globe, framed by the words Exportmesse Hannover 1948
shop-about = A souvenir of the fair that opened a country’s trade again. Mercury’s staff before the globe, in one colour, from our own drawer.
shop-how = You pay by looking into your camera and smiling. Another way to pay is always there.
shop-order = Hanover export fair stamp, 1948
shop-ship_to = Office of the Mayor of Hanover
shop-buy = Buy for { $price }
shop-delivery = Delivered by { $date }

language-label = Language
