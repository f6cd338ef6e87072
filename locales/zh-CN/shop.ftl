# The frame of every page, and the shop.

brand = Smilepay

nav-skip = 跳到正文
nav-label = 主导航
nav-shop = 商店
nav-wallet = 钱包
nav-sign_in = 登录

foot-by = 由 Smilepay 支付
foot-privacy = 隐私

noscript = 微笑支付需要 JavaScript，请为本页开启。

test-mode = 测试模式：这是游戏币。

title = { $page } · Smilepay

shop-name = Hannover Philatelie
shop-kicker = 德国 1948 年 · 50 芬尼
shop-item = 汉诺威出口博览会邮票
shop-stamp_alt = 一枚蓝色雕刻版邮票：地球前的墨丘利双翼权杖，四周写着 Exportmesse Hannover 1948
shop-about = 这枚纪念邮票来自重新打开一国贸易之门的博览会。地球前的墨丘利权杖，单色印制，出自我们自己的收藏。
shop-how = 看着摄像头微笑即可付款。您随时可以选择其他方式。
shop-order = 汉诺威出口博览会邮票，1948 年
shop-ship_to = 汉诺威市长办公室
shop-buy = 以 { $price } 购买
shop-delivery = { $date }前送达

language-label = 语言
