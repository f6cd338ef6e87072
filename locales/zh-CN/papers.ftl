# Receipt, order, privacy, and pages that cannot be shown.

receipt-title = 收据
receipt-paid = 已付款
receipt-held = 已为商家预留
receipt-released = 已退回
receipt-refunded_all = 已退款
receipt-refunded_part = 部分退款
receipt-back = { $amount } 已退回您的钱包。
receipt-payer = 付款人
receipt-when = 付款时间
receipt-methods = 确认方式
receipt-decided = 决定
receipt-decided_what = 仅允许这笔金额付给这个收款方
receipt-order = 跟踪订单
receipt-print = 打印

order-title = 订单
order-promise = { $date }前送达：{ $to }。
order-trail = 物流进度
order-done = （已完成）
order-placed = 已下单并付款
order-packed = 运送中
order-packed_what = 硬卡包装，以信件寄出
order-delivered = 已送达
order-delivered_by = 承诺 { $date }送达
order-status-pending = 已收到订单
order-status-shipped = 运送中
order-status-delivered = 已送达
order-status-refunded = 已退款
order-seller = 卖家
order-amount = 金额

problem-not_found = 没有这个页面
problem-not_found_why = 地址可能输错了，或者这里的内容已经不在了。
problem-forbidden = 您不能打开这个页面
problem-forbidden_why = 请用它所属的钱包登录，或向商店索取新的链接。
problem-expired = 这个链接已过期
problem-expired_why = 没有扣款。请回商店重新开始。
problem-broken = 我们这边出了问题
problem-broken_why = 没有因此付款。请稍后再试。
problem-busy = 尝试次数太多
problem-busy_why = 请等一分钟再试。
problem-closed = 商店已关门
problem-closed_why = 现在不能出售，请以后再来。

privacy-title = 您的面容属于您
privacy-lead = 我们保存什么、为什么、多久，以及您如何收回。
privacy-1 = 保存什么
privacy-1-1 = 如果您添加面容，我们从几张画面算出一组简短的数字，用单独的密钥加密保存。数字算出后，画面立即丢弃。
privacy-1-2 = 付款时，当时的画面经比对后丢弃。任何画面和相似度都不会保存，也不会给任何人看，包括商店。
privacy-2 = 商店知道什么
privacy-2-1 = 知道已付款、买了什么、寄到哪里。不知道您的面容、您的数字，也不知道如何作出决定。
privacy-3 = 如何收回
privacy-3-1 = 在钱包中选择删除。密钥立即销毁，剩下的内容无法读取，备份也不行。日志中只留下删除证明，没有您的数据。
privacy-3-2 = 付款从不必须刷脸：口令、通行密钥和一次性验证码与它并列，任何金额都可以。
privacy-4 = 在哪里
privacy-4-1 = 一切都在提供本页的计算机上运行。不会发送给任何人，本页也不从别处加载任何内容。

region-china = 按中国规定运营：刷脸从不是唯一方式，限额遵循中国人民银行的分级。
region-eu = 按欧盟规定运营：强客户身份验证，限额遵循其技术标准。
region-title = 规则
region-ways = 此处开放的付款方式：{ $ways }。
