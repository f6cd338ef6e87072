# 商店的自助终端，以及钱包中的相关说明。

kiosk-title = 自助终端
kiosk-pair = 配对此设备
kiosk-pair_why = 请为此设备创建一个有收款终端权限的密钥并粘贴到这里。密钥可随时撤销。
kiosk-key = 终端密钥
kiosk-pair_do = 配对
kiosk-pair_wrong = 这不是终端的密钥。
kiosk-unpair = 解除配对
kiosk-amount = 金额
kiosk-amount_why = 请输入应付金额。
kiosk-charge = 收取 { $amount }
kiosk-keypad = 数字键盘
kiosk-delete = 删除最后一位
kiosk-place = 柜台
kiosk-item = 柜台销售
kiosk-who = 您手机号码的最后四位
kiosk-typed = 已输入 { $n } 位，共 4 位
kiosk-how = 然后看着摄像头，按提示做。您的微笑表示同意支付这个金额。
kiosk-compared = 您的面容会与号码以这几位结尾、且主人已同意的钱包相比较。不保存图片。
kiosk-pay = 向 { $payee } 支付 { $amount }
kiosk-cancel = 取消
kiosk-nobody = 请检查数字
kiosk-proof = 还需一项验证
kiosk-proof_why = 为确认是您本人，请提供以下任意一项。
kiosk-proof_do = 确认
kiosk-paid = 已付款。谢谢！
kiosk-next = 下一笔付款
kiosk-refused = 请用其他方式付款
kiosk-ended = 这笔付款已结束
kiosk-ended_why = 在这里无法再继续。
kiosk-paused = 终端稍作休息
kiosk-paused_why = 连续几次没有找到对应的人。请一分钟后再试，或用其他方式付款。

wallet-kiosk = 在商店的自助终端
wallet-kiosk_what = 不用自己的设备付款：输入手机号码的最后四位，然后微笑。
wallet-kiosk_on = 终端通过您号码的最后四位找到您。号码的其他部分不保存。
wallet-kiosk_add = 开启
wallet-kiosk_stop = 关闭
wallet-kiosk_number = 手机号码
wallet-kiosk_do = 开启
wallet-kiosk_face = 请先在钱包中添加您的面容。

consent-kiosk = { $method }：自助终端
