# Signing in and up, adding a face or a voice.

field-name = 姓名
field-email = 电子邮箱
field-passphrase = 口令
field-missing = 请填写：{ $field }。
field-email_wrong = 这个邮箱地址好像不完整。
field-short = 请至少输入 { $n } 个字符。
field-code = 应用中的验证码

sign_in-title = 登录
sign_in-lead = 您的钱包、付款和面容，只属于您。
sign_in-do = 登录
sign_in-new = 第一次来？
sign_in-sign_up = 开通钱包
sign_in-passkey = 用通行密钥登录

sign_up-title = 开通钱包
sign_up-lead = 只需一分钟。面容以后再添加，而且由您决定。
sign_up-do = 开通钱包
sign_up-have = 已经有钱包？
sign_up-note = 至少 { $n } 个字符，最好是几个您记得住的词。刷脸不方便时，它总是有效。

enrol-title = 添加面容
enrol-renew_title = 更新面容
enrol-lead = 对着摄像头半分钟，以后微笑就能付款。
enrol-kept = 保存什么
enrol-kept_what = 由几张画面算出的一组数字，加密保存。画面本身立即丢弃。
enrol-long = 保存多久
enrol-long_what = 直到您删除它。
enrol-back = 如何收回
enrol-back_what = 在钱包中选择删除。密钥随即销毁，没有人能再读出这些数字，备份也不行。
enrol-limit = 能做什么
enrol-limit_what = 只能从您的钱包付款，别无他用。第一天只付小额。您随时可以用其他方式付款。
enrol-all = 阅读全文
enrol-minor = 为未满 14 岁的人添加
enrol-minor_why = 由在这里有钱包的父母或监护人同意。关于生日，只保存年满 14 岁的那一天。
enrol-born = 出生日期
enrol-guardian_email = 父母或监护人的邮箱
enrol-guardian_passphrase = 父母或监护人的口令
enrol-consent_missing = 如果同意，请勾选。不勾选则不保存任何内容。
enrol-fresh = 确认添加面容的是您本人。
enrol-do = 打开摄像头
enrol-cancel = 暂不
enrol-stop = 停止
enrol-lost = 连接中断。没有保存任何内容。
enrol-views = { $of } 张中已有 { $kept } 张合格

enrol_voice-title = 添加声音
enrol_voice-renew_title = 更新声音
enrol_voice-lead = 念三组数字，以后说话就能付款。
enrol_voice-kept_what = 由您的声音算出的一组数字，加密保存。声音本身立即丢弃。
enrol_voice-limit_what = 只能从您的钱包付小额；较大的金额需要再验证一次，第一天每笔都要。您随时可以用其他方式付款。
enrol_voice-fresh = 确认添加声音的是您本人。
enrol_voice-do = 打开麦克风
enrol_voice-views = { $of } 组中已有 { $kept } 组合格

enrolled-title = 面容已设好
enrolled-why = 从现在起，一个微笑就够了。
enrolled-to_wallet = 前往钱包。
enrolled-to_payment = 回到付款。

enrolled_voice-title = 声音已设好
enrolled_voice-why = 从现在起，您可以说话付款。

enrol_object-title = 添加纹身或宠物
enrol_object-renew_title = 更新纹身或宠物
enrol_object-lead = 用手机背面的摄像头拍五张照片，以后出示它就能付小额。
enrol_object-limit_what = 只能从您的钱包付小额；较大的金额需要再验证一次，第一天每笔都要。别人也能拍到它，所以它的作用仅限于此。您随时可以用其他方式付款。
enrol_object-fresh = 确认添加的是您本人。
object-tips = 怎样拍好
object-tip_frame = 让它占满方框，并完整在框内。
object-tip_light = 光线均匀，没有灯或闪光的反光。
object-tip_still = 拿稳，直到画面清晰。
object-tip_pet = 狗或猫：从正面拍脸。
object-which = 您想出示什么？
object-tattoo = 纹身
object-pet = 我的宠物（狗或猫）
object-which_missing = 请选择要出示什么。
enrolled_object-title = 已设好
enrolled_object-why = 从现在起，您可以出示它付款。
